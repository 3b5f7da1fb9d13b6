"""Every row of the bench, in the order in which they run."""

from bench.frame import Row

ROWS: tuple[Row, ...] = ()
