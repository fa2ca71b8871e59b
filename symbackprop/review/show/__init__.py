"""A report on paper: text for a terminal, annotations for GitHub, SARIF, and an HTML page."""
