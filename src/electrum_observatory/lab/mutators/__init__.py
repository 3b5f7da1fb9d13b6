"""Modified servers and relays: what stands between a program and its clients, and does not tell the truth."""
