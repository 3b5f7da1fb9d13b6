"""Reads settings, wires the parts together and maps outcomes to exit codes: the only composition root."""
