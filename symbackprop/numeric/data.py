"""Data to train on: handwritten digits (in the package) and the exclusive or.

Source and licence of the digits: ``datasets/SOURCE.md``.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TEST_DIGITS = 360


@dataclass(frozen=True)
class Split:
    """Samples as rows, X (m, n_0) and Y (m, n_L): some to train with, others to test with."""

    X: Array
    Y: Array
    X_test: Array
    Y_test: Array

    @property
    def ends(self) -> tuple[int, int]:
        """n_0 and n_L."""
        return self.X.shape[1], self.Y.shape[1]


def digits(seed: int = 0) -> Split:
    """1,437 digits to train with, 360 to test with, drawn by the seed; ink in [0, 1], one-hot."""
    pictures, labels = _pictures()
    order = np.random.default_rng(seed).permutation(len(labels))
    X, Y = pictures[order] / 16, np.eye(10)[labels[order]]
    return Split(X[TEST_DIGITS:], Y[TEST_DIGITS:], X[:TEST_DIGITS], Y[:TEST_DIGITS])


def xor(seed: int = 0) -> Split:
    """The four cases of the exclusive or, to train and to test with; the seed changes nothing."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    Y = np.array([[0.0], [1.0], [1.0], [0.0]])
    return Split(X, Y, X, Y)


@cache
def _pictures() -> tuple[Array, NDArray[np.int64]]:
    packed = files("symbackprop.numeric").joinpath("datasets", "digits.csv.gz").read_bytes()
    text = io.StringIO(gzip.decompress(packed).decode("ascii"))
    table = np.loadtxt(text, delimiter=",", dtype=np.int64)
    return table[:, :64].astype(np.float64), table[:, 64]


DATASETS: dict[str, Callable[[int], Split]] = {"digits": digits, "xor": xor}
