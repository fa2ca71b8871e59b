"""Verify all partial derivatives of a network: the backward program against forward mode."""

from __future__ import annotations

from symbackprop.derive.backward import backward_program
from symbackprop.judge.verify import Verification, verify_statements
from symbackprop.networks.network import Network


def verify_partials(network: Network, *, seed: int | None = None) -> Verification:
    """Prove every ``∂C/∂w^l_{jk}`` and ``∂C/∂b^l_j`` of a concrete network."""
    program, claims = backward_program(network)
    return verify_statements(claims, program, seed=seed)


__all__ = ["Verification", "verify_partials"]
