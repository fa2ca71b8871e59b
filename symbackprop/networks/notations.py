"""Notations: one row each; how the same quantities look in one book or another, no more.

A notation never changes what is said: the normalisation of a cost belongs to the cost, and the
layout of a batch to the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from symbackprop.errors import InputError, nearest

Letters = Mapping[str, str]

_LETTERS: Letters = MappingProxyType(
    {
        "w": "w", "b": "b", "z": "z", "a": "a", "y": "y", "delta": r"\delta",
        "C": "C", "J": "J", "lambda": r"\lambda", "pi": r"\pi", "sigma": r"\sigma",
    }
)  # fmt: skip
_CAPITALS: Letters = MappingProxyType({"w": "W", "z": "Z", "a": "A", "y": "Y", "delta": r"\Delta"})
_BATCH_CAPITALS: Letters = MappingProxyType({**_CAPITALS, "w": "w"})


@dataclass(frozen=True)
class Notation:
    """The letters and marks of one source, all in TeX.

    ``letters``: family → letter of an entry or a vector; ``matrices``: family → letter of a whole
    array with two axes.  ``layer`` holds the mark with a ``%s`` for the layer: ``%s``, ``(%s)`` or
    ``[%s]``.  ``weight_order`` "to-from": ``w_{jk}`` goes from k to j, W is (n_l × n_{l-1});
    "from-to": ``w_{kj}`` goes from k to j, and what is called W is the transpose.
    ``sample`` "index": a^l_{js}; "superscript": a^{l,s}_j; "leading": a^{s,l}_j.
    ``gradient`` "nabla": the gradient by all outputs is ``∇_a C``; "fraction": ``∂C/∂a``.
    ``indices``: a permutation of the index letters (j → i, …), so that none can be captured.
    """

    name: str
    says: str
    source: str = ""
    letters: Letters = field(default_factory=lambda: _LETTERS)
    matrices: Letters = field(default_factory=lambda: _CAPITALS)
    layer: str = "%s"
    weight_order: str = "to-from"
    hadamard: str = r"\odot"
    transpose: str = r"\top"
    sample: str = "index"
    gradient: str = "fraction"
    indices: Letters = field(default_factory=lambda: MappingProxyType({}))


_ROWS = (
    Notation(
        "nielsen",
        "bare layer superscripts, from k to j: w_{jk}, vectors in lower case",
        source="Nielsen, Neural Networks and Deep Learning, ch. 2",
        matrices=_BATCH_CAPITALS,
        transpose="T",
        gradient="nabla",
    ),
    Notation(
        "notes",
        "bare layer superscripts, indices i and j, arrays in bold capitals",
        matrices=MappingProxyType({name: rf"\mathbf{{{X}}}" for name, X in _CAPITALS.items()}),
        indices=MappingProxyType({"j": "i", "k": "j", "i": "k"}),
    ),
    Notation(
        "parentheses",
        "layers in round brackets, so that no power can be meant",
        source="3Blue1Brown, chapter 4; Bishop, PRML 5.3; UFLDL",
        layer="(%s)",
    ),
    Notation(
        "brackets",
        "layers in square brackets, samples in round ones",
        source="deeplearning.ai, course 1",
        layer="[%s]",
        sample="superscript",
        hadamard=r"*",
        transpose="T",
    ),
    Notation(
        "from-to",
        "w_{kj} goes from k to j, so W is (n_{l-1} × n_l), as in x W + b",
        source="Keras; d2l.ai, MLP chapters",
        weight_order="from-to",
    ),
)

NOTATIONS: dict[str, Notation] = {row.name: row for row in _ROWS}
ALIASES = {"3blue1brown": "parentheses", "bishop": "parentheses", "deeplearning.ai": "brackets"}


def notation_named(name: str) -> Notation:
    """The row of a name; an unknown one is refused with the near ones."""
    if not isinstance(name, str):
        raise InputError(f"a notation is a name, not {name!r}", expected=nearest("", NOTATIONS))
    key = ALIASES.get(name.lower(), name.lower())
    if key not in NOTATIONS:
        raise InputError(f"unknown notation {name!r}", expected=nearest(name, NOTATIONS))
    return NOTATIONS[key]
