"""`make bench`: every benchmark, one after the other."""

from benchmarks import build, history, scrape

for benchmark in (scrape, build, history):
    benchmark.main()
    print()
