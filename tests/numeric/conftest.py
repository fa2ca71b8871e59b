"""Proofs are made once for all tests of one network."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from symbackprop.derive import derive
from symbackprop.judge import check
from symbackprop.judge.verdict import Checked
from symbackprop.networks.network import Network


@cache
def _proved(network: Network) -> Checked:
    return check(derive(network, "matrix"), seed=1)


@pytest.fixture(scope="session")
def proved() -> Callable[[Network], Checked]:
    """A network's derivation in matrix form, judged."""
    return _proved
