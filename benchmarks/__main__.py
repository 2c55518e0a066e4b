"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, explore, growth, health, history, scrape, serve, site

for benchmark in (scrape, health, growth, build, history, serve, explore, site):
    benchmark.main()
    print()
