"""Terms, programs, statements and derivations."""
