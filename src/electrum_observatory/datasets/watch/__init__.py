"""A watch as tables: who said what in which round, ready for arithmetic."""
