"""Which servers stand on one bitcoind: evidence in bits for each pair of machines, and the groups that follow."""
