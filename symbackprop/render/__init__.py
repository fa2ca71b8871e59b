"""Printers: text, LaTeX, Markdown, HTML, PDF and plain data.  They hold no mathematics.

A printer takes what the judge returned (``Checked``) and nothing else, so a line that is not proved
is never printed as proved.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symbackprop.judge.verdict import Checked

Renderer = Callable[..., Any]


def _renderer(module: str, name: str) -> Renderer:
    """The function ``name`` of a module that is imported when it is first called."""

    def render(checked: Checked, **options: Any) -> Any:
        return getattr(import_module(f"symbackprop.render.{module}"), name)(checked, **options)

    render.__name__ = name
    render.__doc__ = f"symbackprop.render.{module}.{name}"
    return render


RENDERERS: dict[str, Renderer] = {
    "text": _renderer("text", "to_text"),
    "latex": _renderer("document", "to_latex"),
    "md": _renderer("markdown", "to_markdown"),
    "html": _renderer("html", "to_html"),
    "pdf": _renderer("pdf", "to_pdf"),
    "json": _renderer("data", "as_data"),
}
"""Format → function of a ``Checked`` with the options ``title=`` and ``notation=``."""
