"""Readers of other people's measurements; each yields observations as our own probes would have made them."""
