"""The same gradients by other tools: each a function (W, b, X, Y) -> call; None: not installed.

All compute ``1/(2m) Σ ‖a - y‖²`` of sigmoid layers, samples as rows, and its gradients by W and b.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

Call = Callable[[], Any]


def jax(W: list, b: list, X: Any, Y: Any) -> Call:
    """``jit(grad(cost))``, and waiting for the result."""
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def cost(W: list, b: list, X: Any, Y: Any) -> Any:
        a = X
        for w, c in zip(W, b, strict=True):
            a = jax.nn.sigmoid(a @ w.T + c)
        return jnp.sum((a - Y) ** 2) / (2 * len(X))

    gradient = jax.jit(jax.grad(cost, argnums=(0, 1)))
    given = [[jnp.asarray(v) for v in block] for block in (W, b)] + [jnp.asarray(X), jnp.asarray(Y)]
    return lambda: jax.block_until_ready(gradient(*given))


def torch(W: list, b: list, X: Any, Y: Any) -> Call:
    """Eager autograd."""
    torch = import_module("torch")
    torch.set_num_threads(1)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    ws, cs = ([torch.tensor(v, requires_grad=True) for v in block] for block in (W, b))

    def call() -> Any:
        a = x
        for w, c in zip(ws, cs, strict=True):
            a = torch.sigmoid(torch.nn.functional.linear(a, w, c))
        found = torch.autograd.grad(((a - y) ** 2).sum() / (2 * len(x)), [*ws, *cs])
        return found[: len(ws)], found[len(ws) :]

    return call


def pytensor(W: list, b: list, X: Any, Y: Any) -> Call:
    """A compiled graph, shared parameters."""
    pytensor = import_module("pytensor")
    tensor = import_module("pytensor.tensor")
    ws, cs = ([pytensor.shared(v, borrow=True) for v in block] for block in (W, b))
    x, y = pytensor.shared(X, borrow=True), pytensor.shared(Y, borrow=True)
    a = x
    for w, c in zip(ws, cs, strict=True):
        a = tensor.sigmoid(tensor.dot(a, w.T) + c)
    cost = ((a - y) ** 2).sum() / (2 * len(X))
    function = pytensor.function([], tensor.grad(cost, [*ws, *cs]))

    def call() -> Any:
        found = function()
        return found[: len(ws)], found[len(ws) :]

    return call


def autograd(W: list, b: list, X: Any, Y: Any) -> Call:
    """``grad(cost)`` of wrapped NumPy."""
    anp, grad = import_module("autograd.numpy"), import_module("autograd").grad

    def cost(parameters: Any) -> Any:
        a = X
        for w, c in zip(*parameters, strict=True):
            a = 1 / (1 + anp.exp(-(anp.dot(a, w.T) + c)))
        return anp.sum((a - Y) ** 2) / (2 * len(X))

    gradient = grad(cost)
    return lambda: gradient((W, b))


def casadi(W: list, b: list, X: Any, Y: Any) -> Call:
    """An MX function and its gradients, called on NumPy arrays."""
    ca = import_module("casadi")
    ws = [ca.MX.sym(f"w{l}", *w.shape) for l, w in enumerate(W)]
    cs = [ca.MX.sym(f"c{l}", len(c)) for l, c in enumerate(b)]
    a = x = ca.MX.sym("x", *X.T.shape)
    y = ca.MX.sym("y", *Y.T.shape)
    for w, c in zip(ws, cs, strict=True):
        a = 1 / (1 + ca.exp(-(w @ a + ca.repmat(c, 1, len(X)))))
    cost = ca.sumsqr(a - y) / (2 * len(X))
    function = ca.Function("g", [x, y, *ws, *cs], [ca.gradient(cost, v) for v in (*ws, *cs)])

    def call() -> Any:
        found = [np.asarray(v) for v in function(X.T, Y.T, *W, *b)]
        return found[: len(ws)], [v[:, 0] for v in found[len(ws) :]]

    return call


def _if_installed(make: Callable[..., Call]) -> Callable[..., Call | None]:
    return lambda *given: make(*given) if find_spec(make.__name__) else None


PEERS = {make.__name__: _if_installed(make) for make in (jax, torch, pytensor, autograd, casadi)}
