"""Fee histograms: which program cut them, what they tell of the mempool, and how the published study reads them."""
