"""One run in a step of GitHub Actions."""
