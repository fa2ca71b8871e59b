"""The judge: what a statement means, and whether it is true."""
