"""The trainer's answers in the conventions of a network: its layout, its reduction, its biases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symbackprop.networks.network import Network
from symbackprop.numeric import trainer
from symbackprop.numeric.boundary import Array, Arrays


def known(network: Network) -> bool:
    """Whether the trainer has formulas of its own for everything in the network."""
    names = {row.name for row in network.activations}
    return names <= {*trainer.ACTIVATIONS, "softmax"} and network.cost in trainer.COSTS


@dataclass(frozen=True)
class ByHand:
    """Cost and gradients by hand, with the signature of ``Gradients``."""

    network: Network

    def gradients(
        self, X: Array, Y: Array, W: Arrays, b: Arrays, lam: float = 0.0
    ) -> tuple[list[Array], list[Array]]:
        """``∂C/∂W^l`` and ``∂C/∂b^l`` by the trainer's backpropagation."""
        X, Y = self._rows(X), self._rows(Y)
        times = self._times(X)
        dW, db = trainer.backprop(X, Y, W, self._biases(W, b), *self._names, lam / times)
        return [times * d for d in dW], [times * d for d in db] if self.network.biases else []

    def cost(self, X: Array, Y: Array, W: Arrays, b: Arrays, lam: float = 0.0) -> float:
        """The cost by the trainer's formulas."""
        X, Y = self._rows(X), self._rows(Y)
        times = self._times(X)
        return times * trainer.cost(X, Y, W, self._biases(W, b), *self._names, lam / times)

    @property
    def _names(self) -> tuple[list[str], str]:
        return [row.name for row in self.network.activations], self.network.cost

    def _rows(self, X: Array) -> Array:
        return {None: X[None], "rows": X, "columns": X.T}[self.network.batch]

    def _times(self, X: Array) -> int:
        """The trainer's cost is a mean; a sum is m times as much."""
        return len(X) if self.network.reduction == "sum" else 1

    def _biases(self, W: Arrays, b: Arrays) -> Arrays:
        return b if self.network.biases else [np.zeros(len(w)) for w in W]
