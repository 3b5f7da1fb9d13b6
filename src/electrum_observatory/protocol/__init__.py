"""What Electrum messages are, in bytes and in meaning, for either side, without I/O, clock or randomness."""
