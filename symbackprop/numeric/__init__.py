"""Numbers: compiled gradients, the plain NumPy trainer, comparisons and data."""
