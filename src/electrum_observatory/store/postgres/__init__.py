"""A live store of watches in PostgreSQL, behind the same ports as the one in the data folder."""
