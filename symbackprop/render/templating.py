"""Jinja2 templates of this package; TeX templates have delimiters that TeX editors can read."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_TEX_DELIMITERS: dict[str, Any] = {
    "block_start_string": r"\BLOCK{", "block_end_string": "}",
    "variable_start_string": r"\VAR{", "variable_end_string": "}",
    "comment_start_string": r"\REMARK{", "comment_end_string": "}",
}  # fmt: skip


@cache
def _environment(kind: str) -> Environment:
    """HTML escapes by itself; the others are given escaped text by the printers."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("symbackprop.render", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=kind == "html",
        **(_TEX_DELIMITERS if kind in ("tex", "tikz") else {}),
    )


def filled(name: str, **values: Any) -> str:
    """The template ``name`` with its values."""
    kind = name.split(".")[1]
    return _environment(kind).get_template(name).render(**values)


def data_file(name: str) -> bytes:
    """A file that lies beside the templates."""
    return resources.files("symbackprop.render").joinpath("templates", name).read_bytes()
