"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, explore, history, scrape, serve, site

for benchmark in (scrape, build, history, serve, explore, site):
    benchmark.main()
    print()
