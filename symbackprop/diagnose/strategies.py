"""Networks with their true gradients for ``hypothesis``, which is imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symbackprop.diagnose.curves import CURVES
from symbackprop.diagnose.probes import probe
from symbackprop.diagnose.problems import COSTS, Gradients, Point, Setting, truth

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Example:
    """A network at a random point: data, parameters, cost and the true gradients."""

    point: Point
    setting: Setting

    @property
    def gradients(self) -> Gradients:
        """``{"W1": ∂C/∂W^1, "b1": ∂C/∂b^1, …}``; W (n_l, n_{l-1}), b (n_l,), mean over samples."""
        return truth(self.point, self.setting)


def networks(
    *, deepest: int = 3, widest: int = 5, most_samples: int = 6, **fixed: Any
) -> SearchStrategy[Example]:
    """Random widths, batch, activations and cost; ``fixed``: hidden=, output=, cost=."""
    from hypothesis import strategies as st

    outputs = [*CURVES, "softmax"]

    @st.composite
    def drawn(draw: Any) -> Example:
        depth = draw(st.integers(1, deepest))
        low = 2 if fixed.get("output") == "softmax" else 1
        widths = [draw(st.integers(1, widest)) for _ in range(depth)]
        layers = (*widths, draw(st.integers(max(low, 1), widest)))
        output = fixed.get("output") or draw(
            st.sampled_from(outputs if layers[-1] > 1 else [*CURVES])
        )
        sensible = ["quadratic", "mse"]
        if output == "sigmoid":
            sensible.append("binary-cross-entropy")
        if output == "softmax":
            sensible.append("cross-entropy")
        cost = fixed.get("cost") or draw(st.sampled_from([c for c in COSTS if c in sensible]))
        hidden = fixed.get("hidden") or draw(st.sampled_from([*CURVES]))
        point = probe(layers, draw(st.integers(1, most_samples)), draw(st.integers(0, 10_000)))
        return Example(point, Setting(hidden, output, cost))

    return drawn()
