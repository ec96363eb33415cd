"""Tests, in folders as the package has them; fixtures/ is read by the tests in Rust, too."""
