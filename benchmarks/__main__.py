"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, scrape

for benchmark in (scrape, build):
    benchmark.main()
    print()
