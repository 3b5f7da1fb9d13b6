"""Watches in a data folder: written to the live database, sealed by day into Parquet, read back as one."""
