"""Measures what the observatory promises about speed, size and survival; see README.md in this folder."""
