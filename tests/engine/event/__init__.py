"""Whole transformation events: bytes or dicts in, one response out."""
