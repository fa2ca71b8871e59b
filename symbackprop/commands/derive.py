"""``symbackprop derive``: the gradients step by step, each step proved, in one of many formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from symbackprop.commands import manual
from symbackprop.commands.options import (
    chosen,
    emit,
    layers_of,
    network_from,
    network_options,
    output_options,
    output_path,
    seed_option,
    short_text,
    status_of,
)
from symbackprop.errors import InputError

if TYPE_CHECKING:
    from symbackprop.judge.verdict import Checked

FORMS = ("delta", "path", "matrix", "scalar")
PRINTED = ("text", "latex", "md", "html", "pdf")
FORMATS = (*PRINTED, "json", "numpy")


@click.command("derive")
@click.option(
    "--layers", metavar="WIDTHS", help="Such as 2,3,2; without it: every width and depth."
)
@network_options
@click.option(
    "--form",
    default="delta",
    show_default=True,
    metavar="|".join(FORMS),
    help="Indices; the path ①②③④; matrices; every partial one by one.",
)
@click.option("--full", is_flag=True, help="With --form scalar: everything substituted.")
@click.option(
    "--notation", default="nielsen", show_default=True, metavar="NAME", help="Whose letters to use."
)
@click.option("--title", metavar="TEXT", help="The heading of the document.")
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    metavar="NAME",
    help=", ".join(FORMATS),
)
@seed_option
@output_options
def command(
    layers: str | None,
    form: str,
    full: bool,
    title: str | None,
    format_: str,
    seed: int | None,
    output: str | None,
    force: bool,
    **network: Any,
) -> int:
    """Derive the gradients step by step and prove each step.

    Without --layers the derivation holds for every width and every depth.
    """
    chosen(form, "--form", FORMS)
    chosen(format_, "--format", FORMATS)
    heading = short_text(title, "--title")
    path = output_path(output, force)
    widths = None if layers is None else layers_of(layers)
    if full and form != "scalar":
        raise InputError("--full substitutes one partial after the other", todo="add --form scalar")
    if format_ == "numpy" and widths is None:
        raise InputError("a program needs concrete layers", todo="add --layers, such as 2,3,2")

    about = network_from(widths, **network)
    from symbackprop.derive import derive
    from symbackprop.judge import check

    checked = check(derive(about, form, full=full), seed=seed)
    content = _content(checked, format_, heading, path is None)
    emit(content, path, force)
    if path is not None:
        _say(checked, str(path))
    refuted = any(verdict.status.value == "refuted" for verdict in checked.verdicts)
    return status_of(checked.proved, refuted)


def _content(checked: Checked, format_: str, title: str | None, on_screen: bool) -> str | bytes:
    if format_ == "numpy":
        from symbackprop.numeric.lower import compile_gradients
        from symbackprop.numeric.standalone import standalone

        return standalone(compile_gradients(checked))
    if format_ == "json":
        from symbackprop.commands.reporting import derive_report
        from symbackprop.commands.reports import to_json

        return to_json(derive_report(checked, title))
    from symbackprop.render import RENDERERS

    options: dict[str, Any] = {"title": title}
    if format_ == "text" and on_screen:
        options["style"] = screen_style()
    content: str | bytes = RENDERERS[format_](checked, **options)
    return content


def screen_style() -> Any:
    """Colors for a terminal, none for a pipe."""
    from symbackprop.commands.screen import colored
    from symbackprop.render.text import COLOR, PLAIN

    return COLOR if colored() else PLAIN


def _say(checked: Checked, name: str) -> None:
    proved = sum(verdict.proved for verdict in checked.verdicts)
    bound = checked.worst_bound
    chance = "exact" if bound is None else f"bound < 2^{int(bound)}"
    manual.tell(
        f"{proved} of {len(checked.verdicts)} lines proved ({chance}, seed {checked.seed}), "
        f"written to {name}"
    )
