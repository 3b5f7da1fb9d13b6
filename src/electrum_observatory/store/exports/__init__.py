"""Files for other people and other programs; what an importer of ours can read back, equal."""
