"""Weighs evidence; conclusions can be recomputed at will from the datasets."""
