"""One source of servers per file; no source knows another."""
