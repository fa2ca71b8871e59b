"""The shapes and values of a person's parameters in their own layout."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symbackprop.diagnose.arrange import INSIDE, SHARED, Convention
from symbackprop.diagnose.calling import bias, packed, weight
from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.problems import Flow, names_of

_OF_BIASES: dict[str, Callable[[int], tuple[int, ...]]] = {
    "(n,1)": lambda n: (n, 1), "(1,n)": lambda n: (1, n), SHARED: lambda n: (1,),
}  # fmt: skip


def wanted_shapes(c: Convention, flow: Flow) -> dict[str, tuple[int, ...]]:
    """Parameter → its shape in the person's layout, in the order W1, b1, W2, …"""
    shapes: dict[str, tuple[int, ...]] = {}
    layers = flow.point.layers
    for name in names_of(flow.depth, c.bias not in ("none", *INSIDE)):
        l = int(name[1:])
        n, k = layers[l], layers[l - 1] + (c.bias in INSIDE)
        if name[0] == "W":
            shapes[name] = (n, k) if c.weights == "out×in" else (k, n)
            if c.vector and n == 1:
                shapes[name] = (k,)
        else:
            shapes[name] = _OF_BIASES.get(c.bias, lambda n: (n,))(n)
    return shapes


def person_parameters(c: Convention, flow: Flow) -> dict[str, Array]:
    """The parameters as the person's function was given them."""
    p = flow.point
    W = [weight(w, b, c) for w, b in zip(p.W, p.b, strict=True)]
    b = [bias(one, c) for one in p.b]
    found = {f"W{l}": w for l, w in enumerate(W, start=1)}
    found |= {f"b{l}": np.asarray(one) for l, one in enumerate(b, start=1)}
    if c.holder.startswith("flat"):
        found["all"] = packed(W, b, c)
    return found
