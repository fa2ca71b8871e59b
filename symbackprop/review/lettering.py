"""Letters with what hangs at them: quantities, samples, counts, constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.language.terms import (
    SAMPLES,
    Column,
    Fn,
    Kron,
    Ones,
    Power,
    Ref,
    Size,
    Sum,
    Transpose,
)
from symbackprop.read import layout as t
from symbackprop.review import arrays
from symbackprop.review.spelling import (
    Misread,
    Written,
    bare,
    is_layer,
    items,
    layer_of,
)

if TYPE_CHECKING:
    from symbackprop.review.meaning import Reader

ROOT_OF_PI = Fn("sqrt", Ref("pi"))
UNKNOWN_SIZE = Size(Symbol("?"))


def named(reader: Reader, node: t.Name) -> Basic:
    """A quantity, a count, a constant."""
    found = reader.apart(node)
    if node.scripts.star:
        raise Misread(node, f"{found.key} with a star is another quantity, which is not defined")
    count = count_of(reader, node, found)
    if count is not None:
        above = found.power
        if found.key in reader.letters.counts:
            above = above or found.layer
        return count if above is None else reader.power(count, above)
    if node.base == "1" and node.marks:
        return dressed(reader, constant_of(reader, node, found), node, found)
    indices = tuple(map(reader.index, found.indices))
    if found.key in reader.bound and found.sample is None:
        given = reader.bound[found.key]
        if indices:
            given = arrays.entry(given, indices, reader.axes)
        return dressed(reader, given, node, found)
    if reader.letters.is_cost(found):
        indices = ()
        loss = loss_of(reader, found)
        if loss is not None:
            return loss
    if node.base in ("delta", "Delta") and len(indices) == 2 and found.layer is None:
        return Kron(*indices)
    term: Basic | None = reader.letters.ref(found, with_sample(reader, found, indices))
    if isinstance(term, Ref) and not term.indices:
        term = of_sample(reader, term, found)
    if isinstance(term, Ref) and len(term.indices) == 1 and len(reader.axes(term)) == 2:
        term = Column(Transpose(term.whole), term.indices[0])  # the row i of a matrix
    if isinstance(term, Ref) and not term.indices and reader.letters.is_row(found):
        term = Transpose(term)
    if term is None and node.base == "e" and node.scripts.sup is not None:
        return Fn("exp", reader.term(node.scripts.sup))
    if term is None:
        term = constant_of(reader, node, found)
    return dressed(reader, term, node, found)


def loss_of(reader: Reader, found: Written) -> Basic | None:
    """``ℒ^{(i)}`` of one example; ``ℒ`` alone is the sum, of which ∂/∂z^{(i)} sees one."""
    quantity = reader.letters.table.get(reader.letters.key(found))
    if quantity is None or quantity.role != "loss":
        return None
    if found.sample is not None:
        return Ref(quantity.name, Ref("").args[1], reader.index(found.sample))
    reader.notes.append(f"{found.key} without a sample is the sum over all of them")
    s = reader.fresh("s")
    return Sum(Ref(quantity.name, Ref("").args[1], s), s, Size(SAMPLES))


def with_sample(reader: Reader, found: Written, indices: tuple[Basic, ...]) -> tuple[Basic, ...]:
    """The indices with that of the sample, which may stand above the letter or be left out."""
    quantity = reader.letters.table.get(reader.letters.key(found))
    if quantity is None or Size(SAMPLES) not in quantity.axes:
        return indices
    sample = sample_of(reader, found)
    if sample is None or len(indices) != len(quantity.axes) - 1:
        return indices
    at = quantity.axes.index(Size(SAMPLES))
    return (*indices[:at], sample, *indices[at:])


def of_sample(reader: Reader, whole: Ref, found: Written) -> Basic:
    """``x^{(i)}``: one column, or row, of what holds all samples."""
    axes = reader.axes(whole)
    sample = sample_of(reader, found) if len(axes) == 2 and Size(SAMPLES) in axes else None
    if sample is None:
        return whole
    return Column(whole if axes[1] == Size(SAMPLES) else Transpose(whole), sample)


def sample_of(reader: Reader, found: Written) -> Basic | None:
    """The sample of an occurrence; where it is left out, that of all the others."""
    if found.sample is not None:
        return reader.index(found.sample)
    letter = reader.letters.survey.sample
    if not letter or not reader.letters.of_one_sample(found):
        return None
    reader.notes.append(f"{found.key} is read as that of the sample {letter}")
    return Symbol(letter)


def dressed(reader: Reader, term: Basic, node: t.Name, found: Written) -> Basic:
    """Powers, primes and transposes at a letter."""
    if found.power is not None:
        term = reader.power(term, found.power)
    if node.scripts.primes:
        if reader.form(term) == arrays.SCALAR:
            raise Misread(node, f"{found.key}′: a prime at a number", "σ′(z), or a transpose")
        reader.notes.append("a prime at an array is read as a transpose")
        term = Transpose(term)
    if not node.scripts.transposed:
        return term
    return term.args[0] if isinstance(term, Transpose) else Transpose(term)


def count_of(reader: Reader, node: t.Name, found: Written) -> Basic | None:
    """``n_l``, ``n^{[l]}``, ``m``: how many of something there are."""
    below = items(node.scripts.sub)
    one = bare(below[0]) if len(below) == 1 else None
    numbered = isinstance(one, t.Number) and reader.letters.depth is not None
    layer = found.layer or (one if numbered or is_layer(one, reader.letters.style) else None)
    plain = node.base in ("n", "N", "d", "m") and not node.marks
    if plain and layer is not None and found.key not in reader.letters.table:
        return Size(reader.letters.at_top(layer_of(layer, reader.letters.style)))
    return reader.letters.counts.get(found.key)


def constant_of(reader: Reader, node: t.Name, found: Written) -> Basic:
    """π, a bold 1, or a letter that nobody defined."""
    if node.base == "pi" and node.scripts == t.BARE:
        return Power(ROOT_OF_PI, Integer(2))
    if node.base == "1" and node.marks:
        below = bare(node.scripts.sub)
        if isinstance(below, t.Group) and below.kind in ("\\{", "[", "("):
            below = bare(below.body)
        if isinstance(below, t.Chain):
            return reader.iverson(below)
        if isinstance(below, t.Name):
            size = count_of(reader, below, reader.apart(below))
            if size is not None:
                return Ones(size)
        return Integer(1) if "bb" in node.marks else Ones(UNKNOWN_SIZE)
    if found.key in reader.letters.survey.functions:
        raise Misread(node, f"{node.base} stands without its argument", f"{node.base}(z)")
    raise Misread(
        node, f"{found.key} is not defined in this document",
        "a definition, or a role for it: [letters] in the front matter",
    )  # fmt: skip
