"""Inference of the software behind a server from how it behaves."""
