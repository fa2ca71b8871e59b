"""People's documents: formulas found in files, and their layout as trees."""
