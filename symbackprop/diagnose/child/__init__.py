"""What runs beside a person's code, in a process of its own: the standard library and NumPy."""
