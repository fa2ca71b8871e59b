"""Where a caller's arrays come in: shapes and kinds are looked at here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InputError
from symbackprop.networks.network import Network

Array = NDArray[np.float64]
Arrays = Sequence[Array]
Shape = tuple[int, ...]

FLOAT = np.dtype(np.float64)


class Buffers(tuple[tuple[Array, ...], tuple[Array, ...]]):
    """``(dW, db)``: arrays for the gradients, side by side in one vector ``flat``."""

    flat: Array
    shapes: tuple[Shape, ...]

    @staticmethod
    def of(shapes: tuple[Shape, ...], depth: int) -> Buffers:
        """New arrays: the first ``depth`` shapes are those of the weights."""
        ends = list(accumulate(map(prod, shapes), initial=0))
        flat = np.empty(ends[-1])
        blocks = [
            np.ndarray(shape, FLOAT, flat, 8 * start)
            for shape, start in zip(shapes, ends, strict=False)
        ]
        made = Buffers((tuple(blocks[:depth]), tuple(blocks[depth:])))
        made.flat, made.shapes = flat, shapes
        return made


Given = tuple[Array, Array, list[Array], list[Array], float]
Fill = Callable[[Array, Array, Arrays, Arrays, float, Buffers], bool]


class Boundary:
    """The shapes that a network's data and parameters must have."""

    def __init__(self, network: Network) -> None:
        layers = network.layers
        assert layers is not None
        weights = [(n, k) for k, n in pairwise(layers)]
        biases = [(n,) for n in layers[1:]] if network.biases else []
        self.parameters: tuple[Shape, ...] = (*weights, *biases)
        self._shapes: dict[str, list[Shape]] = {"W": [*weights], "b": [*biases]}
        self._network = network
        self._ends = (layers[0], layers[-1])
        self._axis = {None: None, "rows": 0, "columns": 1}[network.batch]

    def buffers(self) -> Buffers:
        """Arrays for the gradients."""
        return Buffers.of(self.parameters, self._network.depth)

    def target(self, out: Buffers) -> Buffers:
        """The caller's buffers; anything else is refused."""
        if type(out) is not Buffers or out.shapes != self.parameters:
            raise InputError("out does not fit these gradients", todo="take gradients.buffers()")
        return out

    def samples(self, X: Any) -> int:
        """How many samples X seems to hold."""
        return 1 if self._axis is None else X.shape[self._axis]

    def converted(self, X: Any, Y: Any, W: Any, b: Any, lam: Any) -> Given:
        """All as float64 arrays of the right shapes, or one ``InputError`` that names the first."""
        if np.any(lam) and not self._network.l2:
            raise InputError("lam is given, but the network has no penalty", todo="set l2=True")
        W, b = self._family(W, "W"), self._family(b, "b")
        X = _array(X, "X")
        self._look_at(X)
        X, Y = (
            _array(array, name, self._axes(n, self.samples(X)))
            for name, array, n in zip("XY", (X, Y), self._ends, strict=True)
        )
        lam = _array(lam, "lam", ())
        return X, Y, W, b, float(lam)

    def _axes(self, n: int, samples: int) -> Shape:
        return {None: (n,), 0: (samples, n), 1: (n, samples)}[self._axis]

    def _look_at(self, X: Array) -> None:
        n = self._ends[0]
        expected = {None: f"({n},): one sample", 0: f"(m, {n}): m rows", 1: f"({n}, m): m columns"}
        if X.ndim != (1 if self._axis is None else 2):
            raise InputError(f"X has shape {X.shape}", expected=expected[self._axis])
        if self.samples(X) == 0:
            raise InputError("X has no samples", expected=expected[self._axis])

    def _family(self, arrays: Any, name: str) -> list[Array]:
        shapes = self._shapes[name]
        try:
            given = [] if arrays is None else list(arrays)
        except TypeError as error:
            raise InputError(f"{name} is no list", expected=f"{len(shapes)} arrays") from error
        if len(given) != len(shapes):
            raise InputError(
                f"{name} has {len(given)} arrays", expected=f"{len(shapes)}, one for each layer"
            )
        return [
            _array(array, f"{name}[{place}]", shape)
            for place, (array, shape) in enumerate(zip(given, shapes, strict=True))
        ]


def _array(value: Any, name: str, shape: Shape | None = None) -> Array:
    """The value as a float64 array; its shape is looked at if one is given."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(f"{name} is no array of numbers", expected="equally long rows") from error
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} holds {array.dtype}", expected="real numbers")
    if shape is not None and array.shape != shape:
        raise InputError(f"{name} has shape {array.shape}", expected=f"{shape}")
    return array.astype(FLOAT, copy=False)
