"""A checked derivation as plain data for JSON: versioned, with LaTeX and text of every line."""

from __future__ import annotations

from typing import Any

import symbackprop
from symbackprop.judge.verdict import Checked, Witness
from symbackprop.render.describe import described
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.page import Claim, Entry, Page, page_of
from symbackprop.render.unicode_math import TextPrinter

VERSION = 1


def as_data(
    checked: Checked, *, title: str | None = None, notation: str | None = None
) -> dict[str, Any]:
    """``{"version": 1, "title": …, "steps": [{"tex", "text", "rule", "verdict", "bound", …}]}``.

    ``bound`` is log2 of the chance of error, or None for an exact proof; line numbers start at 1.
    """
    page = page_of(checked, title, notation)
    latex = LatexPrinter(page.notation, page.program)
    text = TextPrinter(page.notation, page.program)
    widths = page.program.widths
    return {
        "version": VERSION,
        "symbackprop": symbackprop.__version__,
        "title": page.title,
        "network": described(checked.derivation.about),
        "widths": None if widths is None else list(widths),
        "notation": page.notation.name,
        "proved": checked.proved,
        "seed": checked.seed,
        "definitions": [
            {
                "tex": f"{latex.text(d.target)} = {latex.text(d.value)}",
                "text": f"{text.text(d.target)} = {text.text(d.value)}",
            }
            for d in page.definitions
        ],
        "steps": [_step(entry, page, latex, text) for entry in page.entries],
        "claims": [_claim(claim) for claim in page.claims],
    }


def _step(entry: Entry, page: Page, latex: LatexPrinter, text: TextPrinter) -> dict[str, Any]:
    verdict, sides = entry.verdict, entry.statement.sides
    return {
        "number": entry.number,
        "name": entry.name or None,
        "section": entry.step.section,
        "tex": " = ".join(map(latex.text, sides)),
        "text": " = ".join(map(text.text, sides)),
        "conditions": list(text.conditions(entry.statement)),
        "rule": entry.step.rule,
        "reason": entry.reason,
        "uses": [used + 1 for used in entry.step.uses],
        "verdict": verdict.status.value,
        "scope": list(verdict.scope),
        "bound": verdict.bound if verdict.proved else None,
        "given": list(verdict.conditions),
        "why": verdict.why or None,
        "witness": None if verdict.witness is None else _witness(verdict.witness),
    }


def _witness(witness: Witness) -> dict[str, Any]:
    return {
        "widths": list(witness.widths),
        "layer": witness.layer,
        "entry": dict(witness.entry),
        "values": dict(witness.values),
        "left": witness.left,
        "right": witness.right,
        "note": witness.note or None,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "steps": list(claim.numbers),
        "verdict": claim.verdict.status.value,
        "scope": list(claim.verdict.scope),
        "bound": claim.bound,
        "given": list(claim.verdict.conditions),
    }
