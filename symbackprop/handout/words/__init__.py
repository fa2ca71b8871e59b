"""Catalogues of the words of a handout, one TOML file for each language."""
