"""Decompresses gzip, bzip2, Zstandard, Snappy and zip archives in constant memory."""
