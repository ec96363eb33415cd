"""Tests of the layers that `make layer` builds; `make layer-test` runs them."""
