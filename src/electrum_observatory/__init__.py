"""Electrum Observatory: measure the network of public Electrum servers."""

from importlib.metadata import version

__version__ = version("electrum-observatory")
