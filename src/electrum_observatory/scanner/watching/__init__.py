"""Watching: one connection to each server, open for months, over which all are asked at the same moments."""
