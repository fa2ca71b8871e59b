"""``symbackprop schema``: the JSON schemas of what derive, verify and check write."""

from __future__ import annotations

import click

from symbackprop.commands.options import emit, output_options, output_path
from symbackprop.commands.reports import schemas, to_json


@click.command("schema")
@output_options
def command(output: str | None, force: bool) -> int:
    """Print the JSON schemas of what derive, verify and check write."""
    path = output_path(output, force)
    emit(to_json(schemas()), path, force)
    return 0
