"""The benchmarks measure what they say, and their gate can fail."""
