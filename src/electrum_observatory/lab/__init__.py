"""A simulated Electrum network on loopback whose truth is known."""
