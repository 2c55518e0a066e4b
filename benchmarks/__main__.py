"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, history, scrape, serve

for benchmark in (scrape, build, history, serve):
    benchmark.main()
    print()
