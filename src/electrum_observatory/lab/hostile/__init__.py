"""Servers of a lab that mean harm."""
