"""Corpora, competitors, suites and the gate: how fast edgelift is, and whether it stays so."""
