"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, explore, history, scrape, serve

for benchmark in (scrape, build, history, serve, explore):
    benchmark.main()
    print()
