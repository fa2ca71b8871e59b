"""The sentences and the TeX of a report, in the letters of the author."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from symbackprop.judge.verdict import Witness
from symbackprop.language.derivation import Statement
from symbackprop.networks.notations import NOTATIONS, Notation
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.symbols import GREEK
from symbackprop.review.classes import with_labels
from symbackprop.review.customary import KNOWN_FUNCTIONS
from symbackprop.review.judging import ILL_TYPED, NOT_UNDERSTOOD, REFUTED, Outcome
from symbackprop.review.session import Ruling, Session
from symbackprop.review.vocabulary import DUMMY

CAPITALS = ("Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega")
_ENTRY = re.compile(r"\('#', \d\)")


def message_of(outcome: Outcome) -> str:
    """One or two sentences: what is wrong, and where it can be seen."""
    says = outcome.says
    if outcome.verdict == NOT_UNDERSTOOD:
        return outcome.why
    if outcome.verdict in (REFUTED, ILL_TYPED):
        parts = [outcome.why] if outcome.verdict == ILL_TYPED else []
        if says is not None and says.witness is not None:
            parts.append(f"{in_the_open(says.witness)}")
        return "; ".join(parts)
    return outcome.why


def in_the_open(witness: Witness) -> Witness:
    """A counterexample in letters that people write: ``w@k`` is w_k."""
    entry = {_ENTRY.sub("entry", letter): at for letter, at in witness.entry.items()}
    values = {name.replace("@", "_").lstrip("#"): text for name, text in witness.values.items()}
    return replace(witness, entry=entry, values=values)


def read_as(session: Session, ruling: Ruling) -> str:
    """The formula as it was understood, where something had to be put in."""
    repaired = [o for o in ruling.outcomes if o.repaired and o.statement is not None]
    if not repaired:
        return ""
    return ";  ".join(tex_of(session, o.statement) for o in repaired if o.statement is not None)


def tex_of(session: Session, statement: Statement) -> str:
    """A statement as TeX, in the author's letters."""
    printer = LatexPrinter(notation_of(session), session.court.program)
    letters = session.meaning.letters
    return " = ".join(printer.text(with_labels(letters, side)) for side in statement.sides)


def notation_of(session: Session) -> Notation:
    """The author's letters and layer marks, as a row of the table of notations."""
    base = NOTATIONS["nielsen"]
    letters = dict(base.letters)
    matrices = {}
    for key, quantity in session.meaning.letters.table.items():
        if key.startswith("(") or quantity.at is not None:
            continue
        tex = _tex(key)
        if key[:1].isupper() and quantity.name in letters and len(quantity.axes) > 1:
            matrices[quantity.name] = tex
            if letters[quantity.name] == base.letters.get(quantity.name):
                letters.setdefault(quantity.name, tex)
        else:
            letters[quantity.name] = tex
    letters[DUMMY] = "x"
    letters |= _activations(session)
    for name, tex in matrices.items():
        if not any(_tex(k) == letters.get(name) for k in session.meaning.letters.table):
            letters[name] = tex
    return replace(
        base,
        letters=MappingProxyType(letters),
        matrices=MappingProxyType(matrices or dict(letters)),
        layer=_mark(session),
        transpose=r"\top" if session.meaning.letters.style.place == "none" else "T",
    )


def _activations(session: Session) -> dict[str, str]:
    """The author's letters for σ, or the names of functions that the document uses instead."""
    vocabulary = session.meaning.letters
    found = {"output": "sigma_L", "hidden": "sigma", "": "sigma"}
    said = {found[place]: _tex(key) for key, place in vocabulary.acts.items()}
    if "sigma" not in said and vocabulary.hidden in KNOWN_FUNCTIONS.values():
        used = (k for k in vocabulary.survey.usages if KNOWN_FUNCTIONS.get(k) == vocabulary.hidden)
        key = next(used, None)
        if key is not None:
            said["sigma"] = r"\tanh" if key == "tanh" else rf"\operatorname{{{key}}}"
    return said


def _mark(session: Session) -> str:
    bracket = session.meaning.letters.style.bracket
    return {"(": "(%s)", "[": "[%s]"}.get(bracket, "%s")


def _tex(key: str) -> str:
    key, _, _ = key.partition("@")
    base, _, rest = key.partition("(")
    *marks, letter = base.split(" ")
    letter, _, label = letter.partition("_")
    tex = f"\\{letter}" if letter in GREEK or letter in CAPITALS else letter
    tex = f"{tex}_{{{label}}}" if label else tex
    for mark in reversed(marks):
        tex = f"\\{mark}{{{tex}}}"
    return f"{tex}^{{({rest}}}" if rest else tex
