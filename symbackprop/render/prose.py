"""Reasons and titles: plain words in which quantities such as ``∂C/∂a^L_k`` are set as mathematics.

Only what matches the narrow pattern here becomes mathematics; all other text is escaped, so no
macro, tag or formula of a stranger reaches TeX, HTML, Markdown or Typst.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from symbackprop.render.escape import (
    escape_html,
    escape_markdown,
    escape_tex,
    escape_typst,
    visible,
)
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.printer import Printer
from symbackprop.render.symbols import COMMANDS
from symbackprop.render.typst_math import TypstPrinter
from symbackprop.render.unicode_math import TextPrinter

_ABOVE = r"\{[A-Za-z0-9+,' -]{1,9}\}|[A-Za-z0-9]"
_BELOW = r"\{[A-Za-z0-9+,' -]{1,9}\}|[A-Za-z0-9]{1,3}"
_QUANTITY = re.compile(
    rf"(?<![A-Za-zÀ-ÖØ-öø-ÿ0-9\\^_'’.])(∂?)([A-Za-zα-ωΣ])([′']{{0,3}})(?:\^({_ABOVE}))?(?:_({_BELOW}))?"
    r"(?![A-Za-zÀ-ÖØ-öø-ÿ0-9'’^_{\\]|\.\w)"
)
_JOINED = re.compile(r"\s+|(?:\s*[=≠≤<+/(-]\s*\d*\s*)+")
_RELATIONS = {"≠": "!=", "≤": "<="}
_ACTIVATION = re.compile(r"\(\0|\0(?:[)²ᵀ.,;:]| is\b|$)")  # "diag(a)" and "what a is"
_FAMILIES = {"δ": "delta", "σ": "sigma", "λ": "lambda", "π": "pi"}


def _quantity(match: re.Match[str], printer: Printer) -> str:
    """A matched quantity in the dialect and the letters of a printer."""
    partial, base, primes, above, below = (part or "" for part in match.groups())
    renamed = printer.notation.indices
    if not (partial or above or below) and base in renamed:
        return printer.name(renamed[base])
    letter = printer.notation.letters.get(_FAMILIES.get(base, base), COMMANDS.get(base, base))
    layer = printer.notation.layer % above.strip("{}") if above else ""
    letters = below.strip("{}")
    apart = "" if any(c in ",+- " for c in letters) else printer.between
    scripts = apart.join(renamed.get(c, c) for c in letters)
    row = printer.scripted(printer.letter(letter) + "'" * len(primes), layer, scripts)
    return (printer.partial if partial else "") + row.text


def _is_word(match: re.Match[str], text: str) -> bool:
    """``I``, the article at the start of a sentence, and ``a`` where no activation can be meant."""
    before, after = text[: match.start()], text[match.end() :]
    if match[0] == "A":
        return not before.strip() or before.endswith(". ")
    if match[0] == "a":
        return not _ACTIVATION.search(f"{before[-1:]}\0{after[:4]}")
    return match[0] == "I"


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Quantities with only signs and numbers in between: one formula."""
    run: list[re.Match[str]] = []
    for match in _QUANTITY.finditer(text):
        if _is_word(match, text):
            continue
        if run and not _JOINED.fullmatch(text, run[-1].end(), match.start()):
            yield run
            run = []
        run.append(match)
    if run:
        yield run


def _formula(run: list[re.Match[str]], text: str, printer: Printer) -> tuple[str, int]:
    """A run in the dialect of a printer, and where it ends: at the bracket that closes it."""
    pieces = [_quantity(run[0], printer)]
    for before, match in pairwise(run):
        between = text[before.end() : match.start()]
        pieces += [_signs(between, printer), _quantity(match, printer)]
    end = run[-1].end()
    opened = text[run[0].start() : end].count("(")
    if opened and text[end : end + opened] == ")" * opened:
        return "".join(pieces) + ")" * opened, end + opened
    return "".join(pieces), end


def _signs(between: str, printer: Printer) -> str:
    said = {sign: printer.relation(name).strip() for sign, name in _RELATIONS.items()}
    said["/"] = printer.slash
    return "".join(said.get(c, c) for c in between)


def _set(
    text: str, printer: Printer, maths: Callable[[str], str], words: Callable[[str], str]
) -> str:
    """The text with its formulas passed to ``maths`` and everything else to ``words``."""
    pieces: list[str] = []
    at = 0
    for run in _runs(text):
        formula, end = _formula(run, text, printer)
        pieces += [words(text[at : run[0].start()]), maths(formula)]
        at = end
    return "".join([*pieces, words(text[at:])])


def _padded(escape: Callable[[str], str]) -> Callable[[str], str]:
    """Escaping that keeps the space beside a quantity."""

    def words(text: str) -> str:
        if not text.strip():
            return " " if text else ""
        return " " * text[0].isspace() + escape(text) + " " * text[-1].isspace()

    return words


def text(text: str, printer: TextPrinter) -> str:
    """For the terminal, in the letters of the notation."""
    return _set(text, printer, str, _padded(visible))


def tex(text: str, printer: LatexPrinter) -> str:
    """For the text of a TeX document."""
    return _set(text, printer, "${}$".format, _padded(escape_tex))


def markdown(text: str, printer: LatexPrinter) -> str:
    """For GitHub: quantities as ``$`…`$``, inside of which nothing needs escaping."""
    return _set(text, printer, "$`{}`$".format, _padded(escape_markdown))


def html(text: str, printer: LatexPrinter, mathml: Callable[[str], str]) -> str:
    """For HTML: quantities as MathML."""
    return _set(text, printer, mathml, _padded(escape_html))


def typst(text: str, printer: TypstPrinter) -> str:
    """For Typst's markup: words as strings, quantities as mathematics."""

    words = _padded(lambda piece: f"#{escape_typst(piece)};")
    return _set(text, printer, "${}$".format, words)
