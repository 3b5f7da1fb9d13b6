"""Tests; `tests.factories` is shared by all of them."""
