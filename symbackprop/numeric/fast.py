"""Listing ──▶ a function as fast as NumPy allows: nothing allocated, one line for one step.

For one batch size all shapes are known.  Every result goes into a buffer that is made once; one
whose value is not needed any more serves again, in place where the operation allows it.  Constants
are computed once.  The gradients go straight into the arrays that the caller passes.
"""

from __future__ import annotations

from fractions import Fraction
from threading import Lock
from typing import Any

import numpy as np

from symbackprop.numeric.boundary import Fill
from symbackprop.numeric.functions import NUMPY, erf, nonzero
from symbackprop.numeric.listing import COUNTS, OPS, Instruction, Listing, Shape

# where NumPy's function is not called ``op(args, out)``
CALLS: dict[str, str] = {
    "copy": "copyto({out}, {p})",
    "maximum": "maximum({p}, {q}, out={out})",
    "capped": "minimum({p}, top, out={out})",
    "outer": "multiply({p}[:, None], {q}, {out})",
    "step": "heaviside({p}, zero, {out})",
    "where": "copyto({out}, where({p}, {q}, {r}))",
    "erf": "copyto({out}, erf({p}))",
    "nonzero": "copyto({out}, nonzero({p}))",
    "sum_down": "add.reduce({p}, 0, None, {out}, True)",
    "sum_across": "add.reduce({p}, 1, None, {out}, True)",
    "max_down": "maximum.reduce({p}, 0, None, {out}, True)",
    "max_across": "maximum.reduce({p}, 1, None, {out}, True)",
    "add_rows": "dot(samples, {p}, {out})",
    "add_columns": "dot({p}, samples, {out})",
}

FUNCTIONS: dict[str, Any] = {
    name: getattr(np, name)
    for name in (
        "absolute", "add", "copyto", "divide", "dot", "exp", "heaviside", "log", "logaddexp",
        "maximum", "multiply", "negative", "reciprocal", "sqrt", "subtract", "tanh", "where",
    )
} | {
    "erf": erf,
    "nonzero": nonzero,
    "minimum": np.minimum,
    "zero": np.array(0.0),
    "top": np.array(709.0),
    "float64": np.dtype(np.float64),
}  # fmt: skip


def compiled(listing: Listing, samples: int) -> Fill:
    """``f(X, Y, W, b, lam, (dW, db))``, which writes into the arrays dW and db.

    It answers False, and does nothing, if an argument is no float64 array of the right shape.
    """
    plan = _Plan(listing, samples)
    source = plan.source()
    exec(compile(source, "<compiled gradients>", "exec"), plan.space)  # names are ours alone
    function: Fill = plan.space["gradients"]
    return function


class _Plan:
    """Which array holds which value, and the line for each instruction.

    ``text`` is how a line writes a value; ``owned`` the buffers that are ours to use again.
    """

    def __init__(self, listing: Listing, samples: int) -> None:
        self.listing = listing
        self.shapes = listing.shapes(samples)
        self.space: dict[str, Any] = dict(FUNCTIONS, samples=np.ones(samples))
        self.space["lock"] = Lock()  # one caller at a time works in the buffers
        self.text: dict[str, str] = {name: name for name in listing.inputs}
        self.constants = _constants(listing, self.shapes)
        self.base = _bases(listing)
        self.last = {
            self.base.get(name, name): place
            for place, i in enumerate(listing.instructions)
            for name in i.names
        }
        self.labels = {self._plain(name): label for label, name in listing.outputs.items()}
        self.owned: set[str] = set()
        self.free: dict[Shape, list[str]] = {}
        self.lines: list[str] = []

    def _plain(self, name: str) -> str:
        """The result that a name is only another name of."""
        same = {i.out: i.names[0] for i in self.listing.instructions if i.op == "same"}
        while name in same:
            name = same[name]
        return name

    def source(self) -> str:
        """The whole function."""
        for place, i in enumerate(self.listing.instructions):
            if i.out in self.constants:
                self.text[i.out] = self._number(self.constants[i.out])
            elif OPS[i.op].view:
                self.text[i.out] = self._view(i)
            else:
                self._step(place, i)
        for label, name in self.listing.outputs.items():
            if self.text[name] != label:
                self.lines.append(f"copyto({label}, {self.text[name]})")
        head = ["def gradients(X, Y, W, b, lam, out):", *self._unpacked(), *self._guard()]
        body = [f"    {line}" for line in self.lines]
        return "\n    ".join([*head, "with lock:", *body, "return True"])

    def _guard(self) -> list[str]:
        """Looking at the arguments, written out: a loop would take as long as a small network."""
        arrays = [name for name in self.listing.inputs if name != "lam"]
        self.space |= {f"shape_{name}": self.shapes[name] for name in arrays}
        fits = [f"{name}.shape == shape_{name}" for name in arrays]
        fits += ["not lam"] * ("lam" not in self.listing.inputs)
        return [f"if not ({' and '.join(fits)}):", "    return False"]

    def _unpacked(self) -> list[str]:
        lines, (x, y) = ["dW, db = out"], list(self.listing.inputs)[:2]
        lines += ["if b: return False"] * ("b1" not in self.listing.inputs)
        given = sorted([*self.listing.inputs, *self.listing.outputs], key=lambda n: (len(n), n))
        for family in ("W", "b", "dW", "db"):
            own = [name for name in given if name.rstrip("0123456789") == family]
            lines += [f"{', '.join(own)}, = {family}"] * bool(own)
        return [*lines, *[f"{x}, {y} = X, Y"] * (x != "X")]

    def _number(self, value: float | Fraction) -> str:
        """A constant of the function; NumPy takes an array without axes faster than a float."""
        name = f"number{len(self.space)}"
        self.space[name] = np.array(float(value))
        return name

    def _view(self, i: Instruction) -> str:
        """A view of a buffer is made once; one of an argument or an output at each call."""
        of = self.text[i.names[0]]
        if i.op == "same":
            return of
        if of not in self.owned:
            return OPS[i.op].python.replace("p", of, 1)
        name = f"view{len(self.space)}"
        self.space[name] = NUMPY[i.op](self.space[of])
        return name

    def _step(self, place: int, i: Instruction) -> None:
        texts = [self.text[a] if isinstance(a, str) else self._number(a) for a in i.args]
        out = self._target(place, i)
        call = CALLS.get(i.op, f"{i.op}({', '.join(texts)}, {{out}})")
        self.lines.append(call.format(out=out, **dict(zip("pqr", texts, strict=False))))
        self.text[i.out] = out
        dead = {self.text[self.base.get(n, n)] for n in i.names if self._dies(n, place)} - {out}
        for buffer in dead & self.owned:
            self.free.setdefault(self.space[buffer].shape, []).append(buffer)

    def _target(self, place: int, i: Instruction) -> str:
        """The output's own array, a buffer that dies here, one that is free, or a new one."""
        if i.out in self.labels:
            return self.labels[i.out]
        shape = self.shapes[i.out]
        if OPS[i.op].entrywise:
            for name in i.names:
                if self._dies(name, place) and self._in(name, shape):
                    return self.text[name]
        if self.free.get(shape):
            return self.free[shape].pop()
        buffer = f"buffer{len(self.space)}"
        self.space[buffer] = np.empty(shape)
        self.owned.add(buffer)
        return buffer

    def _dies(self, name: str, place: int) -> bool:
        """Whether nothing after this place reads the value, or a view of it."""
        return self.last[self.base.get(name, name)] == place

    def _in(self, name: str, shape: Shape) -> bool:
        """Whether a value has a buffer of that shape for itself."""
        return self.text[name] in self.owned and self.shapes[name] == shape


def _bases(listing: Listing) -> dict[str, str]:
    """View → the value that it is a view of."""
    base: dict[str, str] = {}
    for i in listing.instructions:
        if OPS[i.op].view:
            base[i.out] = base.get(i.names[0], i.names[0])
    return base


def _constants(listing: Listing, shapes: dict[str, Shape]) -> dict[str, float]:
    """The results that no array entry flows into, as numbers."""
    found: dict[str, float] = {}
    for i in listing.instructions:
        if i.op in COUNTS:
            found[i.out] = float(shapes[i.names[0]][COUNTS.index(i.op)])
        elif all(isinstance(arg, Fraction) or arg in found for arg in i.args):
            args = [float(a) if isinstance(a, Fraction) else found[a] for a in i.args]
            found[i.out] = float(NUMPY[i.op](*args))
    return found
