"""Mutants: careless changes of the code, each of which a test must catch.

``make mutants``, or ``python -m tests.mutants --only WORD`` for those whose file or name has that word. The
lists are ``engine.toml`` (Rust, each with a rebuild: half a minute) and ``package.toml`` (Python): file, old
text, new text, and the tests that must fail. The checkout is left alone: mutants are made in a copy. The
exit code is 1 if one survives or its tests fail without it, and 2 if an old text is not in its file exactly
once, which `test_mutants` checks, too.

A list of careless changes takes the place of cargo-mutants and mutmut: those make thousands, most of which
change nothing that matters, and each one of the engine takes a rebuild.
"""
