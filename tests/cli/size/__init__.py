"""Tests of what `edgelift size` reckons with."""
