"""Decompresses bzip2, Zstandard, Snappy and zip archives in constant memory; gzip is in `gunzip`."""
