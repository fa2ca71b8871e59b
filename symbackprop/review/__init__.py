"""A person's derivation: what each line says, whether it holds, why not, and what would."""
