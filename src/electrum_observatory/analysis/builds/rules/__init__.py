"""What the programs show, as tables."""
