"""How the arrays of a layer meet: one sample as vectors, a batch as rows or as columns.

``W`` is (n_l, n_{l-1}) and ``b`` (n_l,) in every layout.  One sample: z (n_l,); rows: Z (m, n_l);
columns: Z (n_l, m).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from symbackprop.networks.network import Network
from symbackprop.numeric.forms import Over
from symbackprop.numeric.writer import Number, Value


@dataclass(frozen=True)
class Layout:
    """The products of a layer, the sums over its neurons, and the samples of a batch.

    ``index`` is how a comment writes the index of neuron j: j, sj (sample s in row s) or js.
    """

    index: str
    axes: Callable[[int], tuple[int | str, ...]]
    product: Callable[[Value, Value], Value]
    shifted: Callable[[Value, Value], Value]
    back: Callable[[Value, Value], Value]
    by_weights: Callable[[Value, Value], Value]
    by_biases: Callable[[Value], Value]
    over: Over
    samples: Callable[[Value], Value | Number]
    enter: Callable[[Value], Value] = lambda X: X

    def at(self, neuron: str) -> str:
        """The index of a neuron, with that of its sample."""
        return self.index.replace("j", neuron)

    @property
    def all_samples(self) -> str:
        """The sum sign of a gradient over a batch."""
        return "Σ_s " if len(self.index) > 1 else ""


_OVER_ROWS = Over(lambda v: v.then("sum_down"), lambda v: v.then("max_down"))

LAYOUTS: dict[str | None, Layout] = {
    None: Layout(
        "j",
        axes=lambda n: (n,),
        product=lambda W, a: W.then("dot", a),
        shifted=lambda z, b: z + b,
        back=lambda W, delta: W.then("transpose").then("dot", delta),
        by_weights=lambda delta, a: delta.then("outer", a),
        by_biases=lambda delta: delta,
        over=_OVER_ROWS,
        samples=lambda X: 1,
    ),
    "rows": Layout(
        "sj",
        axes=lambda n: ("m", n),
        product=lambda W, a: a.then("dot", W.then("transpose")),
        shifted=lambda z, b: z + b,
        back=lambda W, delta: delta.then("dot", W),
        by_weights=lambda delta, a: delta.then("transpose").then("dot", a),
        by_biases=lambda delta: delta.then("add_rows"),
        over=Over(lambda v: v.then("sum_across"), lambda v: v.then("max_across")),
        samples=lambda X: X.then("rows"),
    ),
    "columns": Layout(
        "js",
        axes=lambda n: (n, "m"),
        product=lambda W, a: W.then("dot", a),
        shifted=lambda z, b: z + b.then("column"),
        back=lambda W, delta: W.then("transpose").then("dot", delta),
        by_weights=lambda delta, a: delta.then("dot", a.then("transpose")),
        by_biases=lambda delta: delta.then("add_columns"),
        over=_OVER_ROWS,
        samples=lambda X: X.then("columns"),
    ),
}

# rows outside, columns inside: the same products, which BLAS does up to a third faster where the
# layers are narrow
TURNED = "turned"
NARROW = 100
LAYOUTS[TURNED] = replace(
    LAYOUTS["columns"], axes=LAYOUTS["rows"].axes, enter=lambda X: X.then("transpose")
)


def executed_as(network: Network, batch: str | None) -> str | None:
    """The layout in which a batch is computed."""
    assert network.layers is not None
    narrow = max(network.layers[1:]) <= NARROW
    return TURNED if batch == "rows" and narrow else batch
