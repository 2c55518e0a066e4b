"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, explore, health, history, scrape, serve, site

for benchmark in (scrape, health, build, history, serve, explore, site):
    benchmark.main()
    print()
