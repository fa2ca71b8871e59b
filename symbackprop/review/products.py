"""What stands side by side: applications, sums, derivatives, products and ⊙, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Basic, Integer

from symbackprop.language.program import L
from symbackprop.language.terms import Column, Fn, MatMul, Partial, Quotient, Ref, Transpose
from symbackprop.read import layout as t
from symbackprop.review import arrays
from symbackprop.review.applying import is_hypothesis
from symbackprop.review.chains import layer_product, over_layers
from symbackprop.review.customary import ELEMENTARY, FUNCTIONS, KNOWN_FUNCTIONS
from symbackprop.review.spelling import NO_LAYER_SAID, Malformed, Misread, bare, key_of
from symbackprop.review.summing import summed

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader

FACTORS = {"dot", "cross", "star"}
Part = tuple[str, Basic]  # the sign before a factor, and the factor


def side_by_side(reader: Reader, nodes: Sequence[t.Node]) -> Basic:
    """The product of a row of factors."""
    dots = any(isinstance(node, t.Sign) and node.kind == "dots" for node in nodes)
    if dots:
        return over_layers(reader, nodes)
    return multiplied(reader, parts(reader, nodes), nodes)


def multiplied(reader: Reader, found: list[Part], nodes: Sequence[t.Node]) -> Basic:
    """Products first, then ⊙ between them."""
    if not found:
        raise Misread(nodes[0] if nodes else t.Number(), "nothing to multiply")
    chunks: list[Basic] = []
    for sign, factor in found:
        if sign == "hadamard" or not chunks:
            chunks.append(factor)
        elif sign == "slash":
            chunks[-1] = _divided(chunks[-1], factor)
        elif sign == "dot" and _weighs(reader, chunks[-1], factor):
            chunks[-1] = MatMul(Transpose(chunks[-1]), factor)  # w · x
        else:
            chunks[-1] = reader.sized(
                arrays.product(chunks[-1], sign, factor, reader.axes, reader.notes)
            )
    total = chunks[0]
    for chunk in chunks[1:]:
        total = arrays.entrywise(total, chunk, reader.axes)
    if len(chunks) > 1 and len(found) > len(chunks) and not reader.fits(total):
        return _from_the_left(reader, found) or total
    return total


def _weighs(reader: Reader, one: Basic, other: Basic) -> bool:
    """Two whole vectors, one of them the weights of a neuron."""
    names = {q.name for q in reader.letters.table.values() if q.role == "weight"}
    vectors = all(isinstance(v, Ref) and reader.form(v) == arrays.COLUMN for v in (one, other))
    return vectors and any(getattr(v, "name", "") in names for v in (one, other))


def _from_the_left(reader: Reader, found: list[Part]) -> Basic | None:
    """``δ ⊙ σ' aᵀ`` with ⊙ first, where the usual order does not fit."""
    total = found[0][1]
    for sign, factor in found[1:]:
        if sign == "hadamard":
            total = arrays.entrywise(total, factor, reader.axes)
        elif sign == "slash":
            total = _divided(total, factor)
        else:
            total = arrays.product(total, sign, factor, reader.axes, reader.notes)
    if not reader.fits(total):
        return None
    reader.notes.append("⊙ is read before the matrix product")
    return total


def _divided(one: Basic, other: Basic) -> Basic:
    from symbackprop.language.terms import Times

    if isinstance(one, Times):  # a b / c: the last factor is divided
        return one.func(*one.args[:-1], Quotient(one.args[-1], other))
    return Quotient(one, other)


def parts(reader: Reader, nodes: Sequence[t.Node]) -> list[Part]:
    """The factors with the sign before each; what takes an argument has taken it."""
    found: list[Part] = []
    sign, at = "", 0
    while at < len(nodes):
        node = nodes[at]
        if isinstance(node, t.Sign):
            if node.kind not in (*FACTORS, "hadamard", "slash"):
                raise Misread(node, "this sign has no meaning here")
            sign, at = node.kind, at + 1
            continue
        if isinstance(node, t.Text) and not _is_call(reader, nodes, at):
            raise Misread(node, f"the words {node.words.strip()!r} stand inside the formula")
        factor, at = _factor(reader, nodes, at)
        found.append((sign, factor))
        sign = ""
    return found


def _factor(reader: Reader, nodes: Sequence[t.Node], at: int) -> tuple[Basic, int]:
    """One factor and where the next one begins."""
    node = nodes[at]
    rest = nodes[at + 1 :]
    if isinstance(node, t.Big) and node.kind == "prod" and rest:
        return layer_product(reader, node, rest[0]), at + 2
    if isinstance(node, t.Big):
        if node.kind != "sum" or not rest:
            raise Misread(node, "this needs a body", "a sum with something behind it")
        return summed(reader, node, side_by_side(reader, rest)), len(nodes)
    if isinstance(node, t.Differential):
        return _slashed(reader, nodes, at)
    if isinstance(node, t.Nabla):
        if not rest or node.scripts.sub is None:
            raise Misread(node, "∇ needs its variable and a cost behind it", "∇_a C")
        of, after = _factor(reader, nodes, at + 1)
        return gradient(reader, of, node.scripts.sub), after
    if isinstance(node, t.Fraction) and (by := _operator(node)) is not None:
        if not rest:
            raise Misread(node, "∂/∂ has nothing behind it to differentiate")
        if isinstance(rest[0], t.Group):
            of, after = reader.term(rest[0]), at + 2
        else:
            of, after = side_by_side(reader, rest), len(nodes)
        return differentiated(reader, of, by), after
    if _is_call(reader, nodes, at):
        name, body = nodes[at], nodes[at + 1]
        assert isinstance(name, t.Name)
        assert isinstance(body, t.Group)
        called = reader.apply(name, _arguments(body))
        return reader.scripted(called, body) if body.scripts != t.BARE else called, at + 2
    if isinstance(node, t.Name) and key_of(node) in ELEMENTARY and rest:
        if isinstance(rest[0], t.Big):  # \log \sum_i e^{z_i}
            return Fn(ELEMENTARY[key_of(node)], side_by_side(reader, rest)), len(nodes)
        if _is_call(reader, nodes, at + 1):  # \log h(x)
            inner, after = _factor(reader, nodes, at + 1)
            return Fn(ELEMENTARY[key_of(node)], inner), after
        if not isinstance(rest[0], t.Sign):
            return reader.apply(node, (rest[0],)), at + 2  # \ln a
    return reader.term(node), at + 1


def _is_call(reader: Reader, nodes: Sequence[t.Node], at: int) -> bool:
    """Whether a name is a function with its bracket behind it."""
    if at + 1 >= len(nodes):
        return False
    name, body = nodes[at], nodes[at + 1]
    if not isinstance(name, t.Name) or not isinstance(body, t.Group):
        return False
    return body.kind in ("(", "[", "\\{") and _callable(reader, name, body)


def _callable(reader: Reader, name: t.Name, body: t.Group) -> bool:
    key = key_of(name)
    if key in reader.letters.table and body.scripts.transposed:
        return False  # g h^T of two quantities
    if name.base in ("h", "f", "y") and is_hypothesis(reader, name):
        return True
    if key in reader.letters.survey.functions and key not in reader.letters.table:
        return True
    if key in ELEMENTARY or key in KNOWN_FUNCTIONS or name.base in ("diag", "max", "prod"):
        return True
    if name.base == "1":
        return isinstance(bare(body.body), t.Chain)  # 1(z > 0); not 1^T (A ⊙ B)
    if name.scripts.primes and name.base.split("_")[0] in FUNCTIONS:
        return True
    if reader.letters.is_cost(reader.apart(name)) and isinstance(bare(body.body), t.Name):
        return True  # J(Θ)
    return name.base.split("_")[0] in ("sigma", "phi", "varphi", "f", "g", "psi") or (
        isinstance(body.body, t.Listing) and len(name.base) > 0
    )


def _arguments(body: t.Group) -> tuple[t.Node, ...]:
    return body.body.items if isinstance(body.body, t.Listing) else (body.body,)


# -- derivatives -----------------------------------------------------------------------------------


def _marked(node: t.Node) -> tuple[t.Node, ...] | None:
    """What stands behind a leading ∂; None if there is none."""
    inner = bare(node)
    if isinstance(inner, t.Differential):
        return ()
    if isinstance(inner, t.Juxtaposition) and isinstance(inner.items[0], t.Differential):
        return inner.items[1:]
    return None


def _operator(node: t.Fraction) -> tuple[t.Node, ...] | None:
    """The variables of ``∂/∂x`` and ``∂²/∂x∂y``; None for anything else."""
    above, below = _marked(node.numerator), _marked(node.denominator)
    return below if above == () and below else None


def derivative(reader: Reader, node: t.Fraction) -> Basic | None:
    """``∂C/∂w`` as a fraction; None if it is an ordinary one."""
    above, below = _marked(node.numerator), _marked(node.denominator)
    if below is None or not below:
        if above:
            raise Malformed(node, "∂ above, but none below", r"\frac{\partial C}{\partial w}")
        return None
    if above is None:
        raise Malformed(node, "∂ below, but none above", r"\frac{\partial C}{\partial w}")
    if not above:
        raise Misread(node, "∂/∂ has nothing behind it to differentiate")
    of = side_by_side(reader, above) if len(above) > 1 else reader.term(above[0])
    return differentiated(reader, of, below)


def differentiated(reader: Reader, of: Basic, below: tuple[t.Node, ...]) -> Basic:
    """By each variable in turn, the last one first; ``∂x²`` is twice by x."""
    variables = [node for node in below if not isinstance(node, t.Differential)]
    if len(variables) > 1 and not any(isinstance(n, t.Differential) for n in below):
        raise Misread(variables[1], "one variable stands below ∂ at a time")
    for node in reversed(variables):
        of = partial(reader, of, node)
    return of


def partial(reader: Reader, of: Basic, node: t.Node) -> Basic:
    """``∂of/∂node``: by a quantity, its transpose, or an entry of it."""
    by = reader.term(node)
    if isinstance(by, Transpose) and isinstance(by.args[0], Ref):
        return Transpose(Partial(of, by.args[0]))
    row = isinstance(of, Transpose) and isinstance(of.args[0], Partial)
    if row and isinstance(by, Ref) and of.args[0].by == by:
        return Partial(of.args[0], by)  # ∂²E/∂x∂xᵀ
    if isinstance(by, Column) and reader.form(of) == arrays.SCALAR:
        array, index = by.args  # by a row or a column of a matrix: that of the derivative
        if isinstance(array, Ref):
            return Column(Partial(of, array), index)
        if isinstance(array, Transpose) and isinstance(array.args[0], Ref):
            return Column(Transpose(Partial(of, array.args[0])), index)
    if isinstance(by, Column):
        raise Misread(node, "this is no single quantity", "a letter with its indices")
    if not isinstance(by, Ref):
        raise Misread(node, "what is differentiated by must be a quantity", "a letter")
    return Partial(of, by)


def gradient(reader: Reader, of: Basic, node: t.Node) -> Basic:
    """``∇_{a^L} C``; without a layer the last one is meant."""
    by = reader.term(node)
    if not isinstance(by, Ref):
        raise Misread(node, "∇ needs a quantity", r"\nabla_{a^L} C")
    if by.name == "a" and by.layer == NO_LAYER_SAID:
        by = by.xreplace({NO_LAYER_SAID: L})
    return Partial(of, by)


def _slashed(reader: Reader, nodes: Sequence[t.Node], at: int) -> tuple[Basic, int]:
    """``∂C/∂w`` in a line."""
    window = nodes[at : at + 5]
    if (
        len(window) == 5
        and isinstance(window[2], t.Sign)
        and window[2].kind == "slash"
        and isinstance(window[3], t.Differential)
    ):
        return differentiated(reader, reader.term(window[1]), (window[4],)), at + 5
    raise Misread(nodes[at], "∂ stands alone", r"\partial C / \partial w")


ONE = Integer(1)
