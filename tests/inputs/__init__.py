"""Tests of reading, alone and through the command line."""
