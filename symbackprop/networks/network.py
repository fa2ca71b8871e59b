"""The network that a user describes, checked when it is made."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from symbackprop.errors import InputError, LimitError
from symbackprop.networks.activations import Activation, activation_named
from symbackprop.networks.costs import Cost, cost_named

MAX_PARAMETERS = 50_000_000
MAX_LAYERS = 1_000
LAYOUTS = ("columns", "rows")


@dataclass(frozen=True)
class Network:
    """A fully connected network: ``z^l = W^l a^{l-1} + b^l``, ``a^l = σ_l(z^l)``, cost C(a^L, y).

    ``layers`` are the widths (n_0, …, n_L), input first; None: every width and every depth.
    ``activation`` is one name for all layers or one for each of the layers 1 … L.
    ``batch`` None: one sample; "columns": samples are the columns of A (n_l × m); "rows": the rows.
    ``reduction`` of the samples: "mean" or "sum".  ``l2``: adds λ/2 ‖W‖², biases excluded.

    >>> Network([2, 3, 2], activation="sigmoid", cost="mse").parameters
    17
    """

    layers: tuple[int, ...] | None = (2, 3, 2)
    activation: str | tuple[str, ...] = "sigmoid"
    cost: str = "quadratic"
    biases: bool = True
    batch: str | None = None
    reduction: str = "mean"
    l2: bool = False
    notation: str = "nielsen"

    def __post_init__(self) -> None:
        if self.layers is not None:
            object.__setattr__(self, "layers", checked_layers(self.layers))
        if not isinstance(self.activation, str):
            object.__setattr__(self, "activation", tuple(self.activation))
        self._check_activations()
        object.__setattr__(self, "cost", cost_named(self.cost).name)
        if self.batch is not None and self.batch not in LAYOUTS:
            raise InputError(f"unknown batch layout {self.batch!r}", expected="columns or rows")
        if self.reduction not in ("mean", "sum"):
            raise InputError(f"unknown reduction {self.reduction!r}", expected="mean or sum")
        self._check_range()

    def _check_activations(self) -> None:
        if isinstance(self.activation, str):
            object.__setattr__(self, "activation", activation_named(self.activation).name)
            return
        names = tuple(activation_named(name).name for name in self.activation)
        object.__setattr__(self, "activation", names)
        if self.layers is None:
            raise InputError(
                "a list of activations needs concrete layers",
                todo="name one activation, or give the widths",
            )
        if len(names) != self.depth:
            raise InputError(
                f"{len(names)} activations for {self.depth} layers",
                expected="one name, or one for each layer after the input",
            )

    def _check_range(self) -> None:
        needs = self.cost_row.needs
        output = self.output_activation
        if needs is None or output.name == "unspecified":
            return
        low, high = output.range
        if low < needs[0] or high > needs[1]:
            fits = "sigmoid, softmax"
            raise InputError(
                f"{self.cost} takes the logarithm of the outputs, which must lie in (0, 1), but "
                f"{output.name} gives values in ({low:g}, {high:g})",
                expected=f"an output activation with values in (0, 1): {fits}",
            )
        if self.cost == "cross-entropy" and self.layers and self.layers[-1] == 1 and output.vector:
            raise InputError(
                "softmax over one output is always 1",
                todo="use at least two outputs, or sigmoid with binary-cross-entropy",
            )

    @property
    def general(self) -> bool:
        """Whether this stands for every width and every depth."""
        return self.layers is None

    @property
    def depth(self) -> int:
        """L: the number of layers after the input."""
        if self.layers is None:
            raise InputError("a general network has no depth", todo="give concrete layers")
        return len(self.layers) - 1

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """The rows of the layers 1 … L (one row, repeated, for one name)."""
        names = self.activation
        if isinstance(names, str):
            hidden = "unspecified" if activation_named(names).vector else names
            if self.layers is None:
                return (activation_named(hidden), activation_named(names))
            # one vector-valued name means the output layer; hidden layers then take sigmoid
            hidden = "sigmoid" if hidden == "unspecified" and names != "unspecified" else hidden
            return (activation_named(hidden),) * (self.depth - 1) + (activation_named(names),)
        return tuple(activation_named(name) for name in names)

    @property
    def output_activation(self) -> Activation:
        return self.activations[-1]

    @property
    def cost_row(self) -> Cost:
        return cost_named(self.cost)

    @property
    def parameters(self) -> int:
        """How many weights and biases there are."""
        assert self.layers is not None
        pairs = itertools.pairwise(self.layers)
        return sum(out * (before + int(self.biases)) for before, out in pairs)

    @property
    def objective(self) -> str:
        """The name of what is differentiated: J with a penalty, else C."""
        return "J" if self.l2 else "C"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self)}


def checked_layers(layers: object) -> tuple[int, ...]:
    """The widths as a tuple of positive integers; everything else is refused with its place."""
    if isinstance(layers, str) or not isinstance(layers, Sequence):
        raise InputError(f"layers {layers!r}", expected="a list of widths such as [2, 3, 2]")
    for place, width in enumerate(layers, start=1):
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            raise InputError(
                f"layer {place} has width {width!r}", expected="a positive whole number"
            )
    if len(layers) < 2:
        raise InputError(
            f"{len(layers)} layer{'s' * (len(layers) != 1)} given",
            expected="at least an input and an output, such as 2,3,2",
        )
    if len(layers) > MAX_LAYERS:
        raise LimitError(f"{len(layers)} layers", expected=f"at most {MAX_LAYERS}")
    count = sum(n * (k + 1) for k, n in itertools.pairwise(layers))
    if count > MAX_PARAMETERS:
        raise LimitError(
            f"{count} weights and biases",
            expected=f"at most {MAX_PARAMETERS}",
            todo="the general derivation (no layers given) covers every width",
        )
    return tuple(layers)
