"""A person's own NumPy gradients: right or wrong, which mistake, on which line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symbackprop.diagnose.report import Diagnosis
    from symbackprop.networks.network import Network

__all__ = ["assert_gradients", "diagnose"]


def diagnose(
    function: str | Callable[..., Any], network: Network | None = None, **spec: Any
) -> Diagnosis:
    """Judge ``"file.py:function"`` (in a process of its own) or a live function (in this one).

    ``network`` states activations and cost; without it they are found out.  ``spec`` are the
    sections of a spec file: ``roles={"q": "x"}``, ``convention={…}``, ``strict=True``.
    """
    from symbackprop.diagnose.run import diagnosed

    return diagnosed(function, network, spec)


def assert_gradients(
    function: str | Callable[..., Any], network: Network | None = None, **spec: Any
) -> Diagnosis:
    """Raise ``AssertionError`` with the diagnosis unless the gradients are correct."""
    found = diagnose(function, network, **spec)
    if not found.correct:
        raise AssertionError(str(found))
    return found
