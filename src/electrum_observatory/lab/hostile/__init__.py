"""Servers that play foul, for the tests of whoever visits them: ``registry.HOSTILE`` has them all."""
