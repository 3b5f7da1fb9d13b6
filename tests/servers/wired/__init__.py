"""Real servers whose wiring is known: two nodes with different mempools, three ElectrumX on each."""
