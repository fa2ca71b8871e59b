"""Notations: one row each; how the same quantities look in one book or another.

A notation never changes what is said.  What else is usual in a source (its cost, where it puts the
samples) is a default that a network may take or leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from symbackprop.errors import InputError, nearest

Letters = Mapping[str, str]


def _with(base: Letters, **changed: str) -> Letters:
    return MappingProxyType({**base, **changed})


_LETTERS: Letters = MappingProxyType(
    {
        "w": "w", "b": "b", "z": "z", "a": "a", "y": "y", "delta": r"\delta",
        "C": "C", "J": "J", "lambda": r"\lambda", "pi": r"\pi", "sigma": r"\sigma",
    }
)  # fmt: skip
_CAPITALS: Letters = MappingProxyType({"w": "W", "z": "Z", "a": "A", "y": "Y", "delta": r"\Delta"})
_BATCH_CAPITALS: Letters = _with(_CAPITALS, w="w")
_SWAPPED = {"z": "a", "a": "z"}  # a before the activation, as Bishop has it


@dataclass(frozen=True)
class Notation:
    """The letters and marks of one source, all in TeX.

    ``letters``: family → letter of an entry or a vector; ``matrices``: family → letter of a whole
    array with two axes.  ``layer`` holds the mark with a ``%s`` for the layer: ``%s``, ``(%s)`` or
    ``[%s]``.  ``weight_order`` "to-from": ``w_{jk}`` goes from k to j, W is (n_l × n_{l-1});
    "from-to": ``w_{kj}`` goes from k to j, and what is called W is the transpose.
    ``sample`` "index": a^l_{js}; "superscript": a^{l,s}_j; "leading": a^{s,l}_j.
    ``gradient`` "nabla": the gradient by all outputs is ``∇_a C``; "fraction": ``∂C/∂a``.
    ``indices``: a permutation of the letters of indices and layers (j → i, l → k, …), so that none
    can be captured.  ``cost`` and ``batch`` are what the source takes where nothing else is said.
    ``remark``: what a reader of the source must know, in the words of the prose.
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
    cost: str = "quadratic"
    batch: str = "columns"
    remark: str = ""


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
        cost="mse",
    ),
    Notation(
        "bishop",
        "a before and z behind the activation h, w_{ji} from i to j, error E, targets t",
        source="Bishop, Pattern Recognition and Machine Learning, section 5.3",
        letters=_with(_LETTERS, **_SWAPPED, sigma="h", C="E", y="t", J=r"\tilde{E}"),
        matrices=_with(_CAPITALS, z="A", a="Z", y="T"),
        layer="(%s)",
        indices=MappingProxyType({"k": "i", "i": "k"}),
        batch="rows",
        remark="The book counts a bias as the weight of a unit that is always one; here it has the "
        "letter b. It has a letter of its own for the outputs; here they are the activations of "
        "layer L.",
    ),
    Notation(
        "goodfellow",
        "a before and h behind the activation f, layers k = 1 … l, loss ℒ",
        source="Goodfellow, Bengio and Courville, Deep Learning, algorithms 6.3 and 6.4",
        letters=_with(_LETTERS, z="a", a="h", sigma="f", C=r"\mathcal{L}"),
        matrices=_with(_CAPITALS, z="A", a="H"),
        layer="(%s)",
        gradient="nabla",
        indices=MappingProxyType({"l": "k", "L": "l", "j": "i", "k": "j", "i": "p", "p": "L"}),
        batch="rows",
        remark="The book has one variable g that changes its meaning on the way down; what it is "
        "behind the step through f, the gradient by a, is called δ here.",
    ),
    Notation(
        "ng",
        "layers in square brackets, samples in columns, activation g, loss ℒ",
        source="Ng, Katanforoosh and Bensouda Mourri, deeplearning.ai, course 1",
        letters=_with(_LETTERS, sigma="g", C=r"\mathcal{L}"),
        layer="[%s]",
        hadamard=r"*",
        transpose="T",
        cost="binary-cross-entropy",
        remark="Sample s, the bracket (s) of the course, is the second index here. The course "
        "writes dz for the slope of the loss by z, which is called δ here. In a batch its dZ is "
        "m times the Δ here: it keeps 1/m out of dZ and puts it into dW and db.",
    ),
    Notation(
        "d2l",
        "layers in round brackets, activation φ, hidden layers h, objective J",
        source="Zhang, Lipton, Li and Smola, Dive into Deep Learning, section 5.3",
        letters=_with(_LETTERS, a="h", sigma=r"\phi", C=r"\mathcal{L}"),
        matrices=MappingProxyType(
            {
                "w": r"\mathbf{W}",
                "z": r"\mathbf{Z}",
                "a": r"\mathbf{H}",
                "y": r"\mathbf{Y}",
                "delta": r"\Delta",
            }
        ),
        layer="(%s)",
        batch="rows",
        remark="The book has no letter for the slope of the cost by z, which is called δ here, and "
        "calls the outputs o, which are the activations of layer L here.",
    ),
    Notation(
        "cs231n",
        "w_{kj} goes from k to j and samples are rows, so that a layer is h W + b; loss ℒ",
        source="Stanford CS231n, notes and assignments",
        letters=_with(_LETTERS, a="h", sigma="f", C=r"\mathcal{L}", z="s"),
        matrices=_with(_CAPITALS, a="H", z="S"),
        layer="(%s)",
        weight_order="from-to",
        transpose="T",
        cost="quadratic",
        batch="rows",
        remark="The course counts layers in names such as W1 and b1 and calls dX what is the slope "
        "of the loss by X.",
    ),
    Notation(
        "3b1b",
        "layers in round brackets, the cost of one example without ½",
        source="3Blue1Brown, Deep learning, chapter 4",
        letters=_with(_LETTERS, C="C_0"),
        layer="(%s)",
        cost="sum-of-squares",
        remark="The film has no letter for the slope of the cost by z, which is called δ here.",
    ),
    Notation(
        "parentheses",
        "layers in round brackets, so that no power can be meant",
        source="UFLDL",
        layer="(%s)",
    ),
    Notation(
        "brackets",
        "layers in square brackets, samples in round ones",
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
        batch="rows",
    ),
)

NOTATIONS: dict[str, Notation] = {row.name: row for row in _ROWS}
ALIASES = {"3blue1brown": "3b1b", "prml": "bishop", "deeplearning.ai": "ng"}


def notation_named(name: str) -> Notation:
    """The row of a name; an unknown one is refused with the near ones."""
    if not isinstance(name, str):
        raise InputError(f"a notation is a name, not {name!r}", expected=nearest("", NOTATIONS))
    key = ALIASES.get(name.lower(), name.lower())
    if key not in NOTATIONS:
        raise InputError(f"unknown notation {name!r}", expected=nearest(name, NOTATIONS))
    return NOTATIONS[key]
