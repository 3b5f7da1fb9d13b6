"""Addresses, scripts, scripthashes, headers and public test keys, as pure functions."""
