"""Documents without layer letters: each letter is a quantity of its own, its sizes are found out.

Definitions say which sizes are equal (``z = W x``: the columns of W are the rows of x); everything
that they leave apart is a size of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Basic, Integer, Symbol

from symbackprop.language.binding import canonical, substitute, subterms
from symbackprop.language.program import Definition, Program
from symbackprop.language.terms import SAMPLES, Opaque, Partial, Plus, Ref, Size, Sum, Vec
from symbackprop.read import layout as t
from symbackprop.review.samples import NEVER, name_samples, with_axis
from symbackprop.review.spelling import bare, items, key_of, taken_apart, walk
from symbackprop.review.survey import CUSTOM, ELEMENTARY, KNOWN_FUNCTIONS, Usage, names
from symbackprop.review.vocabulary import Quantity, Vocabulary

if TYPE_CHECKING:
    from symbackprop.review.program import Meaning

ENTRY = (Symbol("j"), Symbol("k"))
NUMBERS = {"lambda", "eta", "alpha", "epsilon", "mu", "beta", "gamma"}


def register(letters: Vocabulary, rows: Sequence[t.Chain | None]) -> None:
    """Every letter with its number of axes; the sizes are open yet."""
    declared = dict(_declared(letters, rows))
    name_samples(letters, rows)
    matrices = _has_matrices(letters)
    found = [name for row in rows if row is not None for name in names(row)]
    differentials = [name for name in found if _base(letters, name)]
    for name in [*(n for n in found if n not in differentials), *differentials]:
        _register(letters, name, declared, matrices)


def _register(
    letters: Vocabulary, name: t.Name, declared: dict[str, Quantity], matrices: bool
) -> None:
    found = taken_apart(
        name, letters.style, layered=True, numeric=letters.survey.numbered(key_of(name))
    )
    if found.key in NEVER or found.key in letters.survey.functions or found.key in letters.counts:
        return
    if name.base in ("delta", "Delta") and len(found.indices) == 2:
        return
    key = letters.key(found)
    use = _use(letters, name)
    if use.applied and use.applied == sum(use.indices.values()):
        return  # C(a, y): a function wherever it stands
    if (
        key in letters.table
        or name.base in KNOWN_FUNCTIONS
        or name.base in ("max", "diag", "mathbb")
    ):
        return
    if letters.survey.by_index:
        cost = letters.is_cost(found)
        own = (
            ()
            if cost
            else tuple(Size(Symbol(f"#{i.base}")) for i in found.indices if isinstance(i, t.Name))
        )
        letters.table[key] = Quantity(key, own, role=letters.survey.roles.get(found.key, ""))
        return
    base = key[1:] if _base(letters, name) else ""
    if key in declared:
        axes = declared[key].axes
    elif base in letters.table:
        letters.table[key] = replace(letters.table[base], name=key, role="differential")
        return
    else:
        count = _axes(letters, found.key, name, matrices)
        axes = tuple(Size(Symbol(f"#{key}.{n}")) for n in range(count))
        axes = with_axis(letters, key, axes)
    row = key in declared and declared[key].row
    letters.table[key] = Quantity(key, axes, role=_role(letters, found.key), row=row)


def _base(letters: Vocabulary, name: t.Name) -> str:
    """The Z of ``dZ``, or nothing."""
    base = name.base[1:] if name.base[:1] == "d" else ""
    return base if base in letters.survey.usages else ""


def _use(letters: Vocabulary, name: t.Name) -> Usage:
    return letters.survey.usages.get(key_of(name), Usage())


def _role(letters: Vocabulary, key: str) -> str:
    """Only what can never be defined by a line keeps a role here."""
    role = letters.survey.roles.get(key, "")
    return role if role in ("weight", "bias") else ""


def _axes(letters: Vocabulary, key: str, name: t.Name, matrices: bool) -> int:
    """How many axes: from its indices; else a capital is a matrix, a letter beside it a vector."""
    use = letters.survey.usages[key]
    counted = max((n for n in use.indices if n), default=0)
    if counted == 1 and matrices and use.indices[0] and name.base[:1].isupper():
        return 2  # Z_n is a row of Z
    if counted:
        return counted
    number = key in NUMBERS or key in CUSTOM["cost"] or key in ("s", "m", "n", "N", "K")
    if number and not use.bold:
        return 0 if key != "s" or not matrices else _scalar_s(letters)
    role = letters.survey.roles.get(key)
    if role == "weight" or key in CUSTOM["weight"]:
        capital = name.base[:1].isupper()
        return 2 if use.bold or capital else int(use.transposed > 0)
    if not matrices:
        return 1 if use.bold else 0
    return 2 if name.base[:1].isupper() and name.base[:1] != "D" else 1


def _scalar_s(letters: Vocabulary) -> int:
    """``s`` is a penalty beside J and L, and scores beside W x."""
    return 0 if "J" in letters.survey.usages else 1


def _has_matrices(letters: Vocabulary) -> bool:
    for key, use in letters.survey.usages.items():
        weight = letters.survey.roles.get(key) == "weight" or key in CUSTOM["weight"]
        whole = use.indices and not any(n for n in use.indices if n)
        if weight and whole and (use.bold or use.transposed or key[:1].isupper()):
            return True
    return any(
        use.bold and not any(n for n in use.indices if n) for use in letters.survey.usages.values()
    )


def _declared(
    letters: Vocabulary, rows: Sequence[t.Chain | None]
) -> Iterator[tuple[str, Quantity]]:
    r"""``W \in \mathbb R^{h \times d}``."""
    for row in rows:
        if row is None:
            continue
        for chain in (n for n in walk(row) if isinstance(n, t.Chain) and "in" in n.relations):
            left, right = bare(chain.sides[0]), bare(chain.sides[-1])
            if not isinstance(right, t.Name) or right.base != "R" or right.scripts.sup is None:
                continue
            above = bare(right.scripts.sup)
            parts = above.items if isinstance(above, t.Juxtaposition) else (above,)
            flat = len(parts) > 1 and isinstance(bare(parts[0]), t.Number)
            sizes = tuple(
                Size(Symbol(f"#:{n.base}")) for n in map(bare, parts) if isinstance(n, t.Name)
            )
            for name in items(left):
                if isinstance(name, t.Name):
                    numeric = letters.survey.numbered(key_of(name))
                    found = taken_apart(name, letters.style, layered=True, numeric=numeric)
                    key = letters.key(found)
                    yield key, Quantity(key, sizes, row=flat)


# -- the program -----------------------------------------------------------------------------------


def settle(made: Meaning, definitions: list[Definition]) -> Program:
    """The program, with every size a number of its own."""
    letters = made.letters
    if letters.survey.by_index:
        definitions = _other_layers(letters, definitions)
    definitions = _folded(definitions)
    definitions = _with_differentials(letters, _with_cost(made, definitions))
    sizes = made.sizes
    for definition in definitions:
        sizes.meet(definition)
    numbers = sizes.numbers()
    for key, place in letters.facts.items():
        axes = letters.table[key].axes if key in letters.table else ()
        if len(axes) == 2:  # the other axis runs over samples
            numbers[sizes.of(axes[1 - place])] = SAMPLES
    for key, quantity in letters.table.items():
        axes = tuple(Size(numbers.get(size, size.of)) for size in map(sizes.of, quantity.axes))
        letters.table[key] = replace(quantity, axes=axes)
    for key, size in letters.counts.items():
        letters.counts[key] = Size(numbers.get(sizes.of(size), size.of))
    done = [replace(d, value=sizes.rewritten(d.value, numbers)) for d in definitions]
    done = [d for d in done if made.fits(d)]
    functions = {letters.function_number(k): k for k in letters.survey.functions - set(ELEMENTARY)}
    depth = max([1, len(numbers) - 1, *(int(n) for n in functions)])
    rows = {n: letters.formulas.get(key, (key, None)) for n, key in functions.items()}
    return Program(
        letters.declarations(), in_order(done), depth=depth, widths=None, activations=rows
    )


def _folded(definitions: list[Definition]) -> list[Definition]:
    """``H = max(0, X W + b)`` beside ``Z = X W + b``: H is made from Z."""
    named = {canonical(d.value): d.target for d in definitions if isinstance(d.value, Plus)}

    def walked(term: Basic) -> Basic:
        target = named.get(canonical(term)) if isinstance(term, Plus) else None
        if target is not None:
            return target
        return term.func(*map(walked, term.args)) if term.args else term

    return [
        d if canonical(d.value) in named else replace(d, value=walked(d.value)) for d in definitions
    ]


def in_order(definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    """What is used stands before what uses it."""
    names_of = {d.target.name for d in definitions}
    order: list[Definition] = []
    waiting = list(definitions)
    while waiting:
        done = {d.target.name for d in order}
        ready = [
            d
            for d in waiting
            if not ({r.name for r in subterms(d.value) if isinstance(r, Ref)} & names_of) - done
        ]
        chosen = ready or waiting[:1]
        order.extend(chosen)
        waiting = [d for d in waiting if d not in chosen]
    return tuple(order)


def _other_layers(letters: Vocabulary, definitions: list[Definition]) -> list[Definition]:
    """``a_j = Σ_i w_ji z_i`` stands for every layer: also ``a_k = Σ_j w_kj z_j``."""
    up: dict[str, str] = {}
    back = 1 if letters.survey.weight_order == "to-from" else 0
    for use in letters.survey.usages.values():
        pairs = [pair for pair in use.letters if len(pair) == 2 and pair[0] != pair[1]]
        up.update({pair[back]: pair[1 - back] for pair in pairs})
    found = list(definitions)
    have = {d.target.name for d in found}
    for definition in definitions:
        moved = _moved(definition, up)
        known = {q.name: q for q in letters.table.values()}
        used = {r.name for r in subterms(moved.value) if isinstance(r, Ref)}
        target = moved.target.name
        if target not in have and used <= set(known):
            if target not in known:
                axes = tuple(Size(Symbol(f"#{i}")) for i in moved.target.indices)
                old = known[definition.target.name]
                letters.table[target] = replace(old, name=target, axes=axes)
            found.append(moved)
            have.add(target)
    return found


def _moved(definition: Definition, up: dict[str, str]) -> Definition:
    def name(ref: Ref) -> str:
        base, _, letter = ref.name.partition("@")
        return f"{base}@{up.get(letter, letter)}" if letter else ref.name

    def walked(term: Basic) -> Basic:
        if isinstance(term, Ref):
            return Ref(name(term), term.args[1], *map(walked, term.indices))
        if isinstance(term, Size):
            letter = str(term.of).lstrip("#")
            return Size(Symbol("#" + up.get(letter, letter)))
        if isinstance(term, Symbol):
            return Symbol(up.get(term.name, term.name))
        return term.func(*(walked(arg) for arg in term.args)) if term.args else term

    return Definition(walked(definition.target), walked(definition.value))


def _with_cost(made: Meaning, definitions: list[Definition]) -> list[Definition]:
    """A cost that nobody defines is any differentiable function of what nothing else uses."""
    letters = made.letters
    have = {d.target.name for d in definitions}
    costs = [
        q for key, q in letters.table.items()
        if key in CUSTOM["cost"] and not q.axes and q.name not in have
    ]  # fmt: skip
    forward = [d for d in definitions if not any(isinstance(n, Partial) for n in subterms(d.value))]
    used = {r.name for d in forward for r in subterms(d.value) if isinstance(r, Ref)}
    sinks = [d.target for d in forward if d.target.name not in used]
    found = list(definitions)
    for cost in costs:
        if not sinks:
            continue
        value, says = _open(cost.name, sinks, letters)
        if value is not None:
            place = max(n for n, d in enumerate(found) if d.target in sinks) + 1
            found.insert(place, Definition(Ref(cost.name), value))
            made.assumed.append(says)
    return found


def _with_differentials(letters: Vocabulary, definitions: list[Definition]) -> list[Definition]:
    """dX is ∂L/∂X, in a document with one cost."""
    have = {d.target.name for d in definitions}
    costs = [q for key, q in letters.table.items() if key in CUSTOM["cost"] and not q.axes]
    found = list(definitions)
    for quantity in letters.table.values():
        if quantity.role == "differential" and quantity.name not in have and len(costs) == 1:
            own = ENTRY[: len(quantity.axes)]
            of, by = Ref(costs[0].name), Ref(quantity.name[1:], Ref("").args[1], *own)
            target = Ref(quantity.name, Ref("").args[1], *own)
            found.append(Definition(target, Partial(of, by)))
    return found


def _open(cost: str, sinks: Sequence[Ref], letters: Vocabulary) -> tuple[Basic | None, str]:
    """Any function of the output vectors; of a matrix, one that adds up over its rows."""
    i, r = Symbol("i"), Symbol("r")
    vectors = []
    for sink in sinks:
        axes = next(q.axes for q in letters.table.values() if q.name == sink.name)
        if len(axes) == 1:
            vectors.append(Vec(sink.at(i), i, axes[0]))
        elif len(axes) == 2:
            of_row = Opaque(cost, (), [Vec(sink.at(r, i), i, axes[1])])
            return Sum(of_row, r, axes[0]), f"{cost} is a sum over the rows of {sink.name}"
    if not vectors:
        return None, ""
    return Opaque(cost, (), vectors), f"{cost} is any differentiable function of {sinks[0].name}"


__all__ = ["Integer", "in_order", "register", "settle", "substitute"]
