"""Tests of scans and of the packages that read them."""
