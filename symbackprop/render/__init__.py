"""Printers: text, LaTeX, Markdown, HTML, PDF, notebook, figures.  They hold no mathematics."""
