"""Turns raw observations into clean, documented, disposable tables; one table per file."""
