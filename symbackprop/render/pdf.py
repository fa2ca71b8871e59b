"""A checked derivation as PDF without TeX: Typst sets the same trees as the LaTeX document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import symbackprop
from symbackprop.errors import InputError
from symbackprop.judge.verdict import Checked
from symbackprop.language.derivation import Statement
from symbackprop.language.program import Definition, l
from symbackprop.render import prose
from symbackprop.render.describe import described
from symbackprop.render.document import BESIDE, DEFINED, EQUALS, TEXT
from symbackprop.render.escape import escape_typst
from symbackprop.render.figures import picture
from symbackprop.render.page import (
    Chain,
    Claim,
    Entry,
    Page,
    Section,
    Sigma,
    Symbol,
    page_of,
)
from symbackprop.render.rows import Row
from symbackprop.render.svg import drawn
from symbackprop.render.templating import filled
from symbackprop.render.trainer_math import trainer_code
from symbackprop.render.typst_math import TypstPrinter

INSTALL = "pip install 'symbackprop[pdf]'"


def to_pdf(
    checked: Checked,
    *,
    title: str | None = None,
    notation: str | None = None,
    code: Sequence[Mapping[str, str]] | None = None,
) -> bytes:
    """The bytes of a PDF; needs the ``pdf`` extra."""
    return compiled(lambda: to_typst(checked, title=title, notation=notation, code=code))


def compiled(source: Callable[[], str]) -> bytes:
    """The PDF of a Typst source; without the ``pdf`` extra the source is not even made."""
    try:
        import tylax  # noqa: F401  (needed for formulas of code)
        import typst
    except ModuleNotFoundError as missing:
        raise InputError(
            f"a PDF needs {missing.name}, not installed here", todo=INSTALL
        ) from missing
    return bytes(typst.compile(source().encode()))


def to_typst(
    checked: Checked,
    *,
    title: str | None = None,
    notation: str | None = None,
    code: Sequence[Mapping[str, str]] | None = None,
) -> str:
    """The Typst source of the PDF; texts stand in it as strings, which Typst never runs."""
    page = page_of(checked, title, notation)
    shown_code = trainer_code(checked.derivation.about) if code is None else code
    writer = Writer(page, TypstPrinter(page.notation, page.program))
    network = picture(page.program.widths)
    version = symbackprop.__version__
    return filled(
        "page.typ.j2",
        title=escape_typst(page.title or "Derivation"),
        subtitle=escape_typst(described(checked.derivation.about)),
        network=escape_typst(drawn(network, page.notation, colors="fixed")),
        network_width=f"{min(100, round(8 * network.width + 12))}%",
        definitions=list(writer.definitions(page.definitions, page.sigmas)),
        symbols=list(writer.symbols()),
        sections=[writer.section(n, s) for n, s in enumerate(page.sections, start=1)],
        code=[code_of(part) for part in shown_code],
        summary=escape_typst(page.summary),
        claims=[claim_of(claim) for claim in page.claims],
        imprint=escape_typst(
            f"seed {checked.seed}; symbackprop {version}; error bound: the chance that two "
            "different sides agree by accident at the random points of random prime fields"
        ),
    )


class Writer:
    """Turns the parts of a page into Typst."""

    def __init__(self, page: Page, printer: TypstPrinter) -> None:
        self.page = page
        self.printer = printer

    def definitions(
        self, definitions: Iterable[Definition], sigmas: Iterable[Sigma]
    ) -> Iterator[dict[str, str]]:
        printer = self.printer
        for definition in definitions:
            spans = definition.target.layer == l
            where = printer.layers(definition.first, definition.last) if spans else ""
            yield {
                "left": displayed(printer.text(definition.target)),
                "right": self.equals(printer.row(definition.value), DEFINED),
                "where": f"${where}$" if where else "",
            }
        for sigma in sigmas:
            head = printer.applied(printer.sigma(sigma.layer), printer.scripted("u"))
            formula, name = sigma.formula, escape_typst(sigma.name)
            yield {
                "left": displayed(head.text),
                "right": f"#{escape_typst(self.page.words['any_function'])}"
                if formula is None
                else self.equals(printer.row(formula), DEFINED),
                "where": "" if formula is None else f"#{name}",
            }

    def symbols(self) -> Iterator[dict[str, str]]:
        yield from (self.symbol(row, row.meaning) for row in self.page.symbols)

    def symbol(self, row: Symbol, meaning: str) -> dict[str, str]:
        sizes = [f"${self.printer.text(size)}$" for size in row.declaration.axes]
        if len(sizes) == 1:
            sizes.append("1")
        return {
            "symbol": self.printer.text(row.whole),
            "meaning": prose.typst(meaning, self.printer),
            "shape": " × ".join(sizes) or "scalar",
        }

    def equals(self, row: Row, room: float) -> str:
        """``= row``, on several lines where it is too long."""
        lines = self.printer.lines(row, room - 1)
        shown = [f"${displayed('= ' + lines[0].text)}$"]
        shown += [f"#h({1 + line.indent}em)${displayed(line.text)}$" for line in lines[1:]]
        return r" \ ".join(shown)

    def section(self, number: int, section: Section) -> dict[str, Any]:
        common = section.common
        return {
            "number": escape_typst(str(number)),
            "title": prose.typst(section.title, self.printer),
            "conditions": self.conditions(common) if common else "",
            "blocks": [self.block(block, not common) for block in section.blocks],
        }

    def conditions(self, statement: Statement) -> str:
        return ", quad ".join(self.printer.conditions(statement))

    def block(self, block: tuple[Chain, ...], conditions: bool) -> dict[str, Any]:
        lefts = [self.printer.row(chain.left) for chain in block]
        entries = [entry for chain in block for entry in chain.entries]
        rights = [self.printer.row(entry.statement.right) for entry in entries]
        indent = max(left.width for left in lefts) + EQUALS
        beside = indent + max(right.width for right in rights) <= BESIDE
        heads = {chain.entries[0].number: left for chain, left in zip(block, lefts, strict=True)}
        return {
            "conditions": self.conditions(block[0].first) if conditions else "",
            "beside": beside,
            "lines": [
                self.line(entry, heads.get(entry.number), right, TEXT - indent)
                for entry, right in zip(entries, rights, strict=True)
            ],
        }

    def line(self, entry: Entry, left: Row | None, right: Row, room: float) -> dict[str, Any]:
        name = f"#named({escape_typst(entry.name)}) " if entry.name else ""
        uses = ", ".join(f"#link(<eq{used}>)[({used})]" for used in entry.uses)
        mark = "~#yes" if entry.proved else rf" \ #no({escape_typst(entry.trouble)})"
        by = f" #{escape_typst(entry.words['by'])} {uses}" if uses else ""
        said = prose.typst(entry.reason, self.printer) + by
        return {
            "left": displayed(left.text) if left else "",
            "right": self.equals(right, room),
            "reason": name + said + mark,
            "number": entry.number,
        }


def displayed(maths: str) -> str:
    """In display style: sums carry limits."""
    return f"display({maths})"


def claim_of(claim: Claim) -> dict[str, Any]:
    return {
        "proved": claim.verdict.proved,
        "word": escape_typst(claim.word),
        "lines": claim.lines,
        "scope": escape_typst(claim.says),
        "bound": claim.bound_in("$< 2^(%d)$"),
    }


def code_of(part: Mapping[str, str]) -> dict[str, str]:
    """A function's LaTeX, which another tool has made, translated; sized brackets would be lost."""
    from tylax import latex_to_typst

    plain = re.sub(r"\\[bB]igg?[lr]?(?![a-zA-Z])", "", part["tex"])
    return {
        "name": escape_typst(part["name"]),
        "note": escape_typst(part.get("note", "")),
        "typst": str(latex_to_typst(plain)),
    }
