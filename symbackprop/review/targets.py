"""Which lines may define something, and what they would define."""

from __future__ import annotations

from sympy import Integer

from symbackprop.language.program import Definition, L
from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, EQUAL, KNOWN_FUNCTIONS
from symbackprop.review.findings import applied_to
from symbackprop.review.meaning import Reader
from symbackprop.review.spelling import bare, is_layer, key_of, walk
from symbackprop.review.styles import names
from symbackprop.review.vocabulary import Vocabulary

FREE_ROLES = ("weight", "bias", "input", "target", "penalty")


def target_of(chain: t.Chain) -> t.Name | None:
    """The letter that a line may define: alone on the left of an equality sign."""
    if chain.leading or len(chain.sides) < 2 or chain.relations[0] not in EQUAL:
        return None
    left = bare(chain.sides[0])
    if isinstance(left, t.Juxtaposition) and len(left.items) == 2:
        head, body = left.items  # J(W, b): a cost with the names of its variables
        if (
            isinstance(head, t.Name)
            and key_of(head) in CUSTOM["cost"]
            and isinstance(body, t.Group)
        ):
            left = head
    if not isinstance(left, t.Name) or left.scripts.primes or left.scripts.transposed:
        return None
    return left


def number_of_function(chain: t.Chain, letters: Vocabulary) -> t.Number | None:
    """The 2 of ``σ_2(u) = …``, in a document that has layers."""
    call = applied_to(chain.sides[0], letters.survey.functions)
    below = bare(call[0].scripts.sub) if call is not None and letters.symbolic else None
    return below if isinstance(below, t.Number) and below.text.isdigit() else None


def function_of(chain: t.Chain, letters: Vocabulary) -> tuple[str, t.Name, t.Node] | None:
    """``σ(x) = 1/(1+e^{-x})``: the function's letter, its variable, and the right side."""
    if chain.leading or len(chain.sides) < 2 or chain.relations[0] not in EQUAL:
        return None
    call = applied_to(chain.sides[0], letters.survey.functions | set(KNOWN_FUNCTIONS))
    if call is None or call[0].scripts.primes:
        return None
    if call[0].scripts.sub is not None and number_of_function(chain, letters) is None:
        return None  # h_Θ(x) is the output of the network
    variable = bare(call[1])
    if not isinstance(variable, t.Name) or variable.scripts != t.BARE:
        return None
    right = chain.sides[1]
    if any(key_of(n) == key_of(call[0]) for n in names(right)):
        return None
    return key_of(call[0]), variable, right


def macro_of(chain: t.Chain, letters: Vocabulary) -> tuple[str, t.Name, t.Node] | None:
    """``h_θ(x) = g(θᵀ x)``: a function of a sample, in a document without layers."""
    if letters.symbolic or chain.leading or len(chain.sides) < 2 or chain.relations[0] not in EQUAL:
        return None
    call = applied_to(chain.sides[0], letters.survey.functions)
    if call is None or call[0].scripts.primes or call[0].scripts.sub is None:
        return None
    variable, key = bare(call[1]), key_of(call[0])
    if not isinstance(variable, t.Name) or variable.scripts != t.BARE:
        return None
    if any(key_of(n) == key for n in names(chain.sides[1])) or key in letters.macros:
        return None
    return key, variable, chain.sides[1]


def is_new(reader: Reader, left: t.Name, right: t.Node, defined: set[str]) -> bool:
    """Whether a line may define its left side: nobody has, and it is no free quantity."""
    letters = reader.letters
    written = reader.apart(left)
    key = letters.key(written)
    if letters.symbolic and is_layer(left, letters.style) and isinstance(bare(right), t.Number):
        return False  # L = 3
    quantity = letters.table.get(key)
    if quantity is None:
        return key not in letters.survey.functions and written.power is None
    if quantity.role == "differential":  # dZ = ∂J/∂Z says what dZ is
        return quantity.name not in defined and is_derivative(right)
    if quantity.role in FREE_ROLES or quantity.at == Integer(0):
        return False
    layer = letters.layer(written)
    if quantity.role in ("activation", "output"):
        top = layer == L or quantity.at == L
        if layer == Integer(0):
            return False  # the input
        return f"a@{'L' if top else 'l'}" not in defined
    return quantity.name not in defined


def is_derivative(node: t.Node) -> bool:
    """``∂J/∂Z``, maybe with a number before it."""
    inner = bare(node)
    if isinstance(inner, t.Juxtaposition):
        inner = bare(inner.items[-1])
    return isinstance(inner, t.Fraction) and any(
        isinstance(n, t.Differential) for n in walk(inner.denominator)
    )


def marks_of(definition: Definition) -> set[str]:
    """What a definition makes known, for ``is_new``."""
    target = definition.target
    if target.name == "a":
        return {"a@L" if target.layer == L else "a@l"}
    return {target.name}


def bare_call(right: t.Node, letters: Vocabulary) -> tuple[str, t.Node] | None:
    """``f`` and its argument if the right side is one call of an activation."""
    call = applied_to(right, letters.survey.functions | set(KNOWN_FUNCTIONS))
    return None if call is None else (key_of(call[0]), call[1])
