"""The moves of a derivation, one row each; a move offers a result, the judge says if it is right.

A move sees one node of a term and returns what it becomes, or None where it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Basic, Integer, Rational, Symbol

from symbackprop.language.binding import free_letters, fresh, substitute, subterms
from symbackprop.language.program import Definition, Program, l
from symbackprop.language.terms import (
    Act,
    Fn,
    Kron,
    Partial,
    Plus,
    Power,
    Quotient,
    Ref,
    Sum,
    Times,
    negative,
    plus,
    times,
)
from symbackprop.networks.tidy import tidy

Move = Callable[[Basic, Program], Basic | None]


@dataclass(frozen=True)
class Rule:
    """``reads``: the equation; ``says``: why, in words; ``source``: where it is written."""

    name: str
    reads: str
    says: str
    source: str
    move: Move | None = None


def first_offer(term: Basic, move: Move, program: Program) -> Basic:
    """The term with the move made at the first node, outermost first, where it applies."""
    new = move(term, program)
    if new is not None and new != term:
        return new
    for place, arg in enumerate(term.args):
        if isinstance(arg, Symbol) or not arg.args:
            continue
        changed = first_offer(arg, move, program)
        if changed != arg:
            return rebuilt(term, place, changed)
    return term


def everywhere(term: Basic, move: Move, program: Program) -> Basic:
    """The move made wherever it applies, inside first."""
    args = [
        a if isinstance(a, Symbol) or not a.args else everywhere(a, move, program)
        for a in term.args
    ]
    inside = _made(term, args) if tuple(args) != term.args else term
    new = move(inside, program)
    return inside if new is None else new


def rebuilt(term: Basic, place: int, changed: Basic) -> Basic:
    return _made(term, [*term.args[:place], changed, *term.args[place + 1 :]])


def _made(term: Basic, args: list[Basic]) -> Basic:
    if isinstance(term, Times):
        return times(*args)
    if isinstance(term, Plus):
        return plus(*args)
    return term.func(*args)


# -- the moves ------------------------------------------------------------------------------------
def definition_for(ref: Ref, program: Program) -> Definition | None:
    """The schema that defines a quantity; one for exactly its layer comes first."""
    own = [d for d in program.definitions if d.target.name == ref.name]
    exact = [d for d in own if d.target.layer == ref.layer]
    schemas = [d for d in own if d.target.layer == l]
    return next(iter(exact or schemas), None)


def by_definition(node: Basic, program: Program) -> Basic | None:
    """A quantity becomes its value."""
    if not isinstance(node, Ref):
        return None
    definition = definition_for(node, program)
    if definition is None or len(definition.target.indices) != len(node.indices):
        return None
    by: dict[Basic, Basic] = dict(zip(definition.target.indices, node.indices, strict=True))
    if definition.target.layer == l and node.layer is not None:
        by[l] = node.layer
    return substitute(definition.value, by)


def opened(node: Basic, program: Program) -> Basic | None:
    """``∂q/∂v`` of a named quantity becomes ``∂/∂v`` of its value."""
    if not isinstance(node, Partial) or not isinstance(node.of, Ref):
        return None
    value = by_definition(node.of, program)
    return None if value is None else Partial(_away(value, free_letters(node.by)), node.by)


def _away(value: Basic, taken: set[Symbol]) -> Basic:
    """Rename bound letters of a value that also stand in what it is differentiated by."""
    if isinstance(value, Sum) and value.index in taken:
        letter = fresh(value.index, taken | free_letters(value.body))
        return Sum(substitute(value.body, {value.index: letter}), letter, value.size)
    if isinstance(value, Plus | Times | Quotient):
        return value.func(*(_away(arg, taken) for arg in value.args))
    return value


def chain_through(middle: Ref, letter: Symbol) -> Move:
    """``∂E/∂v = Σ_m ∂E/∂m ∂m/∂v``, m every entry of ``middle``."""

    def move(node: Basic, program: Program) -> Basic | None:
        if not isinstance(node, Partial):
            return None
        entry = middle if letter in middle.indices else middle.at(letter)
        size = program.declared(entry.name).sizes(entry)[entry.indices.index(letter)]
        return Sum(times(Partial(node.of, entry), Partial(entry, node.by)), letter, size)

    return move


def differentiated(node: Basic, program: Program) -> Basic | None:
    """``∂/∂v`` pushed through a written-out expression; other quantities do not depend on v."""
    if not isinstance(node, Partial) or (isinstance(node.of, Ref) and node.of.name == "C"):
        return None
    if (
        isinstance(node.of, Ref)
        and node.of.whole != node.by.whole
        and definition_for(node.of, program)
    ):
        return None
    return tidy(slope(node.of, node.by))


def slope(term: Basic, v: Ref) -> Basic:
    """The partial derivative of an explicit term by one quantity."""
    if isinstance(term, Rational) or not term.args:
        return Integer(0)
    if isinstance(term, Ref):
        if term.whole != v.whole:
            return Integer(0)
        pairs = zip(term.indices, v.indices, strict=True)
        return times(*(Kron(i, j) for i, j in pairs if i != j))
    if isinstance(term, Plus):
        return plus(*(slope(arg, v) for arg in term.args))
    if isinstance(term, Times):
        return _product_rule(term, v)
    if isinstance(term, Sum):
        return _no_empty(Sum(slope(term.body, v), term.index, term.size))
    if isinstance(term, Power):
        n = int(term.args[1])
        rest = term.args[0] if n == 2 else Power(term.args[0], Integer(n - 1))
        return times(n, rest, slope(term.args[0], v))
    if isinstance(term, Quotient):
        return _quotient_rule(term, v)
    if isinstance(term, Act):
        return times(Act(term.layer, term.arg, term.order + 1), slope(term.arg, v))
    if isinstance(term, Fn) and term.name in ("exp", "log"):
        outer = term if term.name == "exp" else Quotient(Integer(1), term.arg)
        return times(outer, slope(term.arg, v))
    return (
        Partial(term, v) if any(s == v.whole for s in map(_whole, subterms(term))) else Integer(0)
    )


def _whole(term: Basic) -> Basic | None:
    return term.whole if isinstance(term, Ref) else None


def _no_empty(term: Sum) -> Basic:
    return Integer(0) if term.body == 0 else term


def _product_rule(term: Times, v: Ref) -> Basic:
    parts = []
    for place, factor in enumerate(term.args):
        inner = slope(factor, v)
        if inner != 0:
            parts.append(times(*term.args[:place], inner, *term.args[place + 1 :]))
    return plus(*parts)


def _quotient_rule(term: Quotient, v: Ref) -> Basic:
    top, bottom = term.args
    upper, lower = slope(top, v), slope(bottom, v)
    first = Quotient(upper, bottom) if upper != 0 else Integer(0)
    if lower == 0:
        return first
    return plus(first, negative(Quotient(times(top, lower), Power(bottom, Integer(2)))))


def collapsed(node: Basic, program: Program) -> Basic | None:
    """``Σ_k f(k) [k=j] = f(j)``: every other term of the sum is zero."""
    if not isinstance(node, Sum):
        return None
    factors = list(node.body.args) if isinstance(node.body, Times) else [node.body]
    for place, factor in enumerate(factors):
        if isinstance(factor, Kron) and node.index in factor.args:
            other = factor.args[1] if factor.args[0] == node.index else factor.args[0]
            rest = times(*factors[:place], *factors[place + 1 :])
            return substitute(rest, {node.index: other})
    return None


def named_error(node: Basic, program: Program) -> Basic | None:
    """``∂C/∂z^l_j`` is called ``δ^l_j``."""
    if isinstance(node, Partial) and node.of == Ref("C") and node.by.name == "z":
        return Ref("delta", node.by.layer, *node.by.indices)
    return None


RULES = {
    rule.name: rule
    for rule in (
        Rule("definition", "q := value", "by definition", "", by_definition),
        Rule(
            "chain",
            "∂C/∂v = Σ_m ∂C/∂m ∂m/∂v",
            "the multivariable chain rule: C sees v through every m, and each contributes",
            "any calculus text, chain rule for functions of several variables",
        ),
        Rule("open", "∂q/∂v = ∂(value)/∂v", "put in what it is", "", opened),
        Rule(
            "differentiate",
            "(f+g)' = f'+g', (fg)' = f'g+fg', (uⁿ)' = n uⁿ⁻¹u'",
            "differentiate term by term; ∂x_k/∂x_j is 1 if k = j and 0 otherwise",
            "sum, product, quotient and power rule",
            differentiated,
        ),
        Rule(
            "collapse",
            "Σ_k f(k) [k=j] = f(j)",
            "only the term with equal indices is not zero: the sum collapses",
            "definition of Kronecker's delta",
            collapsed,
        ),
        Rule("name", "∂C/∂z^l_j = δ^l_j", "give it its name", "Nielsen ch. 2, eq. 29", named_error),
        Rule("local", "", "put in the derivative found above", ""),
        Rule("algebra", "", "rearrange", ""),
        Rule("fact", "Σ_k y_k = 1", "the target is a probability distribution", ""),
        Rule("slope", "σ'(z) by a", "the slope written in the activation", ""),
        Rule("fold", "indices to matrices", "the same numbers, arranged as a matrix", ""),
        Rule("induction", "from L downwards", "by induction over the layers", ""),
        Rule("combine", "", "put the factors together", ""),
    )
}
