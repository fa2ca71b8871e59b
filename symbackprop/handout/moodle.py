r"""A sheet of exercises as Moodle XML: choices with feedback, and numbers with a tolerance.

Formulas stand between ``\(`` and ``\)``, which Moodle's filter for TeX sets; everything else is
escaped twice, as HTML in XML.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from symbackprop.handout.blocks import Text
from symbackprop.handout.catalogue import Catalogue
from symbackprop.handout.exercises import Exercise, Sheet
from symbackprop.render import prose
from symbackprop.render.escape import escape_html
from symbackprop.render.latex import LatexPrinter


def to_moodle(sheet: Sheet, words: Catalogue) -> str:
    """One ``<quiz>``; each exercise is a question of its own."""
    quiz = ET.Element("quiz")
    printer = LatexPrinter(sheet.page.notation, sheet.page.program)
    for number, exercise in enumerate(sheet.exercises, start=1):
        _question(quiz, number, exercise, printer, words)
    ET.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(quiz, encoding="unicode") + "\n"


def _question(
    quiz: ET.Element, number: int, exercise: Exercise, printer: LatexPrinter, words: Catalogue
) -> None:
    kind = "numerical" if exercise.kind == "number" else "multichoice"
    question = ET.SubElement(quiz, "question", type=kind)
    name = f"{words.word('worksheet')} {number:02} ({words.word(exercise.level)})"
    ET.SubElement(ET.SubElement(question, "name"), "text").text = name
    asks = f"<p>{_html(exercise.asks, printer)}</p>"
    if exercise.kind == "number":
        asks += "".join(f"<p>{_html(line, printer)}</p>" for line in exercise.lines)
    _text(question, "questiontext", asks)
    feedback = "".join(f"<p>{_html(line, printer)}</p>" for line in exercise.key)
    _text(question, "generalfeedback", feedback)
    ET.SubElement(question, "defaultgrade").text = "1"
    if exercise.kind == "number":
        assert exercise.number is not None
        answer = ET.SubElement(question, "answer", fraction="100", format="plain_text")
        ET.SubElement(answer, "text").text = repr(float(exercise.number))
        ET.SubElement(answer, "tolerance").text = str(exercise.tolerance)
        return
    ET.SubElement(question, "single").text = "true"
    ET.SubElement(question, "shuffleanswers").text = "0"
    ET.SubElement(question, "answernumbering").text = "none"
    for place, line in enumerate(exercise.lines):
        fraction = "100" if place == exercise.right else "0"
        said = f"<p>({place + 1}) {_html(line, printer)}</p>"
        _text(question, "answer", said, fraction=fraction)


def _text(parent: ET.Element, tag: str, html: str, fraction: str = "") -> None:
    element = ET.SubElement(parent, tag, format="html")
    if fraction:
        element.set("fraction", fraction)
    ET.SubElement(element, "text").text = html


def _html(text: Text, printer: LatexPrinter) -> str:
    return "".join(
        prose.html(piece, printer, _formula)
        if isinstance(piece, str)
        else _formula(printer.text(piece))
        for piece in text
    )


def _formula(tex: str) -> str:
    return rf"\({escape_html(tex)}\)"
