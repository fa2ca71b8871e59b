"""The files of the default run: the derivation to print and to read, the gradients as a program."""

from __future__ import annotations

from importlib.util import find_spec

from symbackprop.judge.verdict import Checked
from symbackprop.numeric.lower import compile_gradients
from symbackprop.numeric.standalone import standalone
from symbackprop.render import RENDERERS
from symbackprop.render.trainer_math import trainer_code

STEM = "backpropagation"
FORMATS = {"html": f"{STEM}.html", "latex": f"{STEM}.tex", "pdf": f"{STEM}.pdf"}
PROGRAM = "gradients.py"
SAYS = {
    FORMATS["html"]: "to read in a browser",
    FORMATS["latex"]: "to print, with LaTeX",
    FORMATS["pdf"]: "to print",
    PROGRAM: "the gradients in NumPy; run it, it tests itself",
}


def names() -> list[str]:
    """The files that will be written; a PDF only with the ``pdf`` extra."""
    printed = [name for kind, name in FORMATS.items() if kind != "pdf" or find_spec("typst")]
    return [*printed, PROGRAM]


def printed(checked: Checked) -> dict[str, str | bytes]:
    """File name → content, of a proved derivation of a concrete network."""
    code = trainer_code(checked.derivation.about)
    wanted = names()
    files = {
        name: RENDERERS[kind](checked, code=code)
        for kind, name in FORMATS.items()
        if name in wanted
    }
    return {**files, PROGRAM: standalone(compile_gradients(checked))}
