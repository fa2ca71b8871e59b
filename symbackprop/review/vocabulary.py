"""What each letter of a document stands for in the program that gives its lines their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sympy import Basic, Integer

from symbackprop.language.program import Declaration, L, Program, l
from symbackprop.language.terms import SAMPLES, Ref, Size
from symbackprop.read import layout as t
from symbackprop.review.customary import CUSTOM, ELEMENTARY, KNOWN_FUNCTIONS
from symbackprop.review.findings import Usage
from symbackprop.review.spelling import NO_LAYER_SAID, Misread, Style, Written, layer_of
from symbackprop.review.survey import Survey

PROGRAM_NAMES = {
    "weight": "w", "bias": "b", "weighted input": "z", "activation": "a", "input": "a",
    "output": "a", "target": "y", "cost": "C", "loss": "loss", "objective": "J", "error": "delta",
    "penalty": "lambda",
}  # fmt: skip
LAYERED = ("weight", "bias", "weighted input", "activation", "error")
CONSTANTS = {"n", "m", "N", "M", "eta", "alpha", "mu", "epsilon", "rho", "kappa"}  # numbers
DUMMY = "#u"  # the variable of a statement about a function: σ'(x) = σ(x)(1 - σ(x))
LOWEST = {"w": 1, "b": 1, "z": 1, "delta": 1, "dw": 1, "db": 1, "dz": 1}


@dataclass(frozen=True)
class Quantity:
    """A letter's meaning: its name in the program and its axes, as sizes in the letter ``l``.

    ``layered``: it carries a layer, to which ``shift`` is added; ``at``: it stands for one layer of
    a family (x is a^0, ŷ is a^L).
    """

    name: str
    axes: tuple[Size, ...] = ()
    layered: bool = False
    shift: int = 0
    at: Basic | None = None
    role: str = ""
    row: bool = False  # a vector that is written as a row


@dataclass(frozen=True)
class Choices:
    """What a document leaves open, and one way to fill it; the first way is the usual one."""

    weight_order: str = "to-from"
    weight_layer: str = "destination"
    input_layer: int = 0
    batch: str | None = None
    per_sample: bool = False  # dZ is the derivative of one sample's loss, not of the mean
    facts: bool = False  # the target is a distribution: Σ y = 1


def holds_all(key: str) -> bool:
    """Whether a letter holds all samples at once: Z, dZ."""
    return key.removeprefix("d")[:1].isupper()


@dataclass
class Vocabulary:
    """Letters to quantities; grows when a document defines more."""

    survey: Survey
    choices: Choices
    table: dict[str, Quantity] = field(default_factory=dict)
    counts: dict[str, Size] = field(default_factory=dict)  # letters that are numbers of things
    formulas: dict[str, tuple[str, Basic | None]] = field(default_factory=dict)
    facts: dict[str, int] = field(default_factory=dict)  # entries add up to one over this axis
    hidden: str = ""  # rows of the table of activations that were declared for the layers
    output: str = ""
    depth: int | None = None  # of a document that numbers its layers
    widths: dict[int, int] = field(default_factory=dict)  # n_0 = 2, as the document says
    of_layers: dict[int, tuple[str, Basic | None]] = field(default_factory=dict)  # σ_1, σ_2
    acts: dict[str, str] = field(default_factory=dict)  # function letters: "hidden", "output"
    sampled: set[str] = field(default_factory=set)  # letters with a value for each sample
    wholes: dict[str, str] = field(default_factory=dict)  # a^{(i)} is a column of A
    labels: set[str] = field(default_factory=set)  # p_{y_i}: y is a class
    macros: dict[str, tuple[str, t.Node]] = field(default_factory=dict)  # h_θ(x) = g(θᵀ x)

    @property
    def style(self) -> Style:
        return self.survey.style

    @property
    def symbolic(self) -> bool:
        return self.style.symbolic

    def layer(self, found: Written) -> Basic | None:
        if found.layer is None:
            return None
        return self.at_top(layer_of(found.layer, self.style))

    def at_top(self, layer: Basic) -> Basic:
        """L where a document numbers its layers and this is the last one."""
        return L if self.depth is not None and layer == self.depth else layer

    def is_cost(self, found: Written) -> bool:
        """C_0, E_n, C_x are the cost of one example: their index is no axis."""
        role = self.survey.roles.get(found.key)
        return role in ("cost", "objective", "loss") or (
            role is None and found.key in CUSTOM["cost"]
        )

    def key(self, found: Written) -> str:
        """The entry of the table: in named documents W^{(1)} and W^{(2)} are two letters."""
        if self.is_cost(found):
            return found.key
        if self.symbolic:
            return found.key
        if self.survey.by_index and found.indices:
            letters = [i.base for i in found.indices if isinstance(i, t.Name)]
            return "@".join((found.key, *letters[:1])) if letters else found.key
        layer = self.layer(found)
        key = found.key if layer is None else f"{found.key}({layer})"
        return key if found.sample is None else self.wholes.get(key, key)

    def of_one_sample(self, found: Written) -> bool:
        """Whether a letter of which there is one for each sample stands for one of them."""
        if self.symbolic:
            return not found.key[:1].isupper()
        key = self.key(found)
        return key in self.sampled and (self.is_cost(found) or not holds_all(key))

    def is_row(self, found: Written) -> bool:
        quantity = self.table.get(self.key(found))
        return quantity is not None and quantity.row

    def ref(self, found: Written, indices: tuple[Basic, ...]) -> Ref | None:
        """The quantity that an occurrence stands for; None if its letter is not known."""
        quantity = self.table.get(self.key(found))
        if quantity is None:
            return None
        if quantity.role in ("cost", "objective"):
            return Ref(quantity.name)  # C_0, E_n, C_x: of one example
        layer = self.layer(found)
        if quantity.at is not None:
            if layer is not None and layer != quantity.at:
                raise Misread(found.node, f"{found.key} carries no layer here")
            return Ref(quantity.name, quantity.at, *indices)
        if not quantity.layered:
            return Ref(quantity.name, Ref("").args[1], *indices)
        if layer is None:
            layer = L if quantity.role in ("cost", "output") else NO_LAYER_SAID
        return Ref(quantity.name, layer + quantity.shift, *indices)

    def activation(self, key: str, layer: Basic | None) -> str:
        """The name of the function that a letter means in a layer; unspecified unless said."""
        if key in self.formulas:
            return self.formulas[key][0]
        return (self.output if layer == L else self.hidden) or "unspecified"

    @property
    def open_functions(self) -> set[str]:
        """Function letters without a formula, where no layer has a letter."""
        known = {*ELEMENTARY, *KNOWN_FUNCTIONS, *self.formulas, *self.macros}
        return set() if self.symbolic else set(self.survey.functions) - known

    @property
    def two_activations(self) -> bool:
        """One letter in the hidden layers and another one in the last: ``h`` and ``g``."""
        return {"hidden", "output"} <= set(self.acts.values())

    def function_number(self, key: str) -> Basic:
        """In a document without layer letters each function letter has a number of its own."""
        letters = sorted(self.survey.functions - set(ELEMENTARY) - set(KNOWN_FUNCTIONS))
        return Integer(letters.index(key) + 1 if key in letters else len(letters) + 1)

    def declarations(self) -> tuple[Declaration, ...]:
        """Every quantity once, for shapes and for the program."""
        found = {DUMMY: Declaration(DUMMY)}
        for quantity in self.table.values():
            layered = quantity.layered or quantity.at is not None
            lowest = LOWEST.get(quantity.name, 0) if self.symbolic else 0
            target = quantity.role == "target" and self.choices.facts
            fact = target or quantity.name in self.facts
            found.setdefault(
                quantity.name,
                Declaration(
                    quantity.name, quantity.axes, layered=layered, lowest=lowest, sums_to_one=fact
                ),
            )
        return tuple(found.values())

    def shapes(self) -> Program:
        """The declarations alone."""
        return Program(self.declarations(), ())

    def add(self, key: str, axes: tuple[Size, ...], layered: bool, role: str = "") -> Quantity:
        """Make a new letter known."""
        name = key if key not in {q.name for q in self.table.values()} else f"{key}'"
        self.table[key] = Quantity(name, axes, layered, role=role)
        return self.table[key]


def vocabulary(found: Survey, choices: Choices) -> Vocabulary:
    """The letters of a document, as its definitions and customs have them."""
    made = Vocabulary(found, choices)
    if found.style.symbolic:
        _layered(made)
    return made


def _layered(made: Vocabulary) -> None:
    axes = _axes(made.choices) if not made.survey.scalar else dict.fromkeys(_axes(made.choices), ())
    roles = roles_of(made.survey)
    for key, role in roles.items():
        name = PROGRAM_NAMES[role]
        at = {"input": Integer(0), "output": L}.get(role)
        shift = _shift(role, made.choices)
        made.table[key] = Quantity(name, axes[name], role in LAYERED, shift, at, role)
    for key in made.survey.usages:
        _differential(made, key, roles)
    if made.choices.batch is not None:
        for key in ("m", "N", "M", "n"):
            if key in made.survey.usages and key not in made.table:
                made.counts[key] = Size(SAMPLES)
    else:
        for key in CONSTANTS & set(made.survey.usages) - set(made.table):
            if set(made.survey.usages[key].indices) == {0} and not made.survey.usages[key].layered:
                made.table[key] = Quantity(key)
    for role, name in PROGRAM_NAMES.items():  # what is not written may still be meant
        if name not in {q.name for q in made.table.values()} and name not in (
            "J",
            "lambda",
            "loss",
        ):
            made.table[f"({name})"] = Quantity(name, axes[name], role in LAYERED, 0, None, role)


def _differential(made: Vocabulary, key: str, roles: Mapping[str, str]) -> None:
    """``dZ`` in the programs and notes that write ∂C/∂Z so."""
    if key[:1] != "d" or key[1:] not in {*roles, *(k.lower() for k in roles)} or key in roles:
        return
    role = next(r for k, r in roles.items() if k.lower() == key[1:].lower())
    name = PROGRAM_NAMES[role]
    if role in LAYERED:
        shift = _shift(role, made.choices)
        axes = _axes(made.choices)[name]
        made.table[key] = Quantity(f"d{name}", axes, True, shift, None, "differential")


def _shift(role: str, choices: Choices) -> int:
    source = role == "weight" and choices.weight_layer == "source"
    source |= role == "bias" and choices.weight_layer == "source"
    return int(source)


def _axes(choices: Choices) -> Mapping[str, tuple[Size, ...]]:
    own, before, top, many = Size(l), Size(l - 1), Size(L), Size(SAMPLES)
    weight = (own, before) if choices.weight_order == "to-from" else (before, own)

    def of(width: Size) -> tuple[Size, ...]:
        return {None: (width,), "columns": (width, many), "rows": (many, width)}[choices.batch]

    return {
        "w": weight, "b": (own,), "z": of(own), "a": of(own), "delta": of(own), "y": of(top),
        "C": (), "J": (), "lambda": (), "loss": (many,),
    }  # fmt: skip


def roles_of(found: Survey) -> dict[str, str]:
    """The role of each letter: from definitions first, then by custom if the role is free."""
    roles = {key: role for key, role in found.roles.items() if key in found.usages}
    roles = {**_capitals(found, roles), **roles}
    taken = {role: key for key, role in roles.items()}
    for role, custom in CUSTOM.items():
        for key in custom:
            if key not in found.usages or key in roles or key in found.functions:
                continue
            owner = taken.get(role)
            if (
                owner is not None
                and role not in ("cost", "output")
                and owner.lower() != key.lower()
            ):
                continue
            if role in ("input", "output", "target", "activation") and not _plausible(
                role, found.usages[key]
            ):
                continue
            if role == "cost" and key in found.style.marks and found.style.symbolic:
                continue  # the last layer
            if role == "cost" and _of_a_sample(found, key):
                role = "loss"
            roles[key] = role
            taken.setdefault(role, key)
    return roles


def _capitals(found: Survey, roles: Mapping[str, str]) -> dict[str, str]:
    """``S^{(l)}`` beside ``s^{(l)}_{ij}``: all samples of a quantity that a definition knows."""
    if found.batch is None or not found.style.symbolic:
        return {}
    known = {**roles, "t": "target"} if "t" in found.usages else roles
    capitals = {key.upper(): role for key, role in known.items() if len(key) == 1}
    return {
        key: role
        for key, role in capitals.items()
        if key in found.usages
        and key not in found.functions
        and _has_layers(found.usages[key]) == (role in LAYERED)
    }


def _has_layers(use: Usage) -> bool:
    """``Z^{(l)}``, or ``Z^{(1)}`` in a network of one layer."""
    return use.layered > 0 or bool(use.numeric - {2})


def _of_a_sample(found: Survey, key: str) -> bool:
    """ℒ^{(i)} beside J: the cost of one example, and the cost of them all."""
    return found.batch is not None and found.usages[key].sampled > 0


def _plausible(role: str, use: Usage) -> bool:
    return bool(use.layered or use.numeric) == (role == "activation")


def renamed(made: Vocabulary, key: str, **changes: object) -> None:
    """Change what is known of a letter."""
    made.table[key] = replace(made.table[key], **changes)  # type: ignore[arg-type]
