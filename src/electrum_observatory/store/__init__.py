"""Keeps raw observations exactly as made, append-only, and hands them out again."""
