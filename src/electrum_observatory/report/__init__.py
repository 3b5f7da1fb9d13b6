"""Renders findings as tables, figures, maps and pages, never computing a conclusion."""
