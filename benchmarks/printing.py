"""LaTeX of every partial of a network: layered templates beside ``sympy.latex``."""

from __future__ import annotations

import time

import sympy

from symbackprop.networks.network import Network
from symbackprop.render.partials import all_partials_latex

LAYERS = (784, 30, 10)
SAMPLE = 300


def main() -> None:
    start = time.process_time()
    lines = sum(1 for _ in all_partials_latex(Network(LAYERS)))
    ours = time.process_time() - start
    delta, a = sympy.IndexedBase(r"\delta^{1}"), sympy.IndexedBase("a^{0}")
    j, k = sympy.symbols("j k")
    start = time.process_time()
    for n in range(SAMPLE):
        sympy.latex(delta[j, n] * a[k, n])
    theirs = (time.process_time() - start) / SAMPLE * lines
    print(f"\nLaTeX of {lines} partials of {'-'.join(map(str, LAYERS))}")
    print(f"  templates {ours:.3f} CPU s, sympy.latex {theirs:.2f} CPU s (from {SAMPLE}),"
          f" ratio {theirs / ours:.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
