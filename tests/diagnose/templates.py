"""The lines of gradient code as templates, and what stands in them.

Every line of the backward pass comes from a template; a plan of a mistake replaces templates.
In a template ``{z}, {a}, {d}`` belong to layer l, ``{up}, {next}, {Wup}, {znext}`` to l + 1, and
``{below}, {zbelow}`` to l - 1; ``{e}`` is what came back before its slope, ``{y}`` the targets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

CURVES = {
    "sigmoid": ("1 / (1 + np.exp(-{z}))", "({a} * (1 - {a}))"),
    "tanh": ("np.tanh({z})", "(1 - {a} ** 2)"),
    "relu": ("np.maximum({z}, 0)", "({z} > 0)"),
    "identity": ("{z}", ""),
}
# rows: z = a W + b; columns: z = W a + b; turned: samples in rows, W out × in
MATRICES: dict[str, dict[str, str]] = {
    "rows": {
        "z": "{below} @ {W} + {b}", "m": "len({x})", "units": "({}).sum(axis=1, keepdims=True)",
        "softmax": "np.exp({z}) / np.exp({z}).sum(axis=1, keepdims=True)",
        "back": "{up} @ {Wup}.T", "back untransposed": "{up} @ {Wup}",
        "back of own weight": "{up} * np.diag({Wup})",
        "back of last weight": "{up}[:, -1:] * {Wup}[:, -1]",
        "back unweighted": "{up}.sum(axis=1, keepdims=True)",
        "outer": "{below}.T @ {d}", "outer transposed": "{d}.T @ {below}",
        "outer reshaped": "({d}.T @ {below}).reshape({W}.shape)",
        "outer of one": "np.ones_like({below}).T @ {d}",
        "outer of last": "{below}[-1:].T @ {d}[-1:]",
        "sum": "{d}.sum(axis=0)", "sum of last": "{d}[-1]", "outputs": "{y}.shape[1]",
        "mean of targets": "{y}.mean(axis=0)",
    },
    "columns": {
        "z": "{W} @ {below} + {b}", "m": "{x}.shape[1]", "units": "({}).sum(axis=0, keepdims=True)",
        "softmax": "np.exp({z}) / np.exp({z}).sum(axis=0, keepdims=True)",
        "back": "{Wup}.T @ {up}", "back untransposed": "{Wup} @ {up}",
        "back of own weight": "{up} * np.diag({Wup})[:, None]",
        "back of last weight": "{up}[-1:] * {Wup}[-1:].T",
        "back unweighted": "{up}.sum(axis=0, keepdims=True)",
        "outer": "{d} @ {below}.T", "outer transposed": "{below} @ {d}.T",
        "outer reshaped": "({below} @ {d}.T).reshape({W}.shape)",
        "outer of one": "{d} @ np.ones_like({below}).T",
        "outer of last": "{d}[:, -1:] @ {below}[:, -1:].T",
        "sum": "{d}.sum(axis=1, keepdims=True)", "sum of last": "{d}[:, -1:]", "outputs": "{y}.shape[0]",
        "mean of targets": "{y}.mean(axis=1, keepdims=True)",
    },
}  # fmt: skip
MATRICES["turned"] = MATRICES["rows"] | {
    "z": "{below} @ {W}.T + {b}", "back": "{up} @ {Wup}", "back untransposed": "{up} @ {Wup}.T",
    "back of last weight": "{up}[:, -1:] * {Wup}[-1]",
    "outer": "{d}.T @ {below}", "outer transposed": "{below}.T @ {d}",
    "outer reshaped": "({below}.T @ {d}).reshape({W}.shape)",
    "outer of one": "{d}.T @ np.ones_like({below})",
    "outer of last": "{d}[-1:].T @ {below}[-1:]",
}  # fmt: skip
FLOATS: dict[str, str] = {  # entry j of a layer, entry k of the one above or below
    "units": "",
    "back": "sum({Wup}[k][j] * {up}[k] for k in range(len({up})))",
    "back untransposed": "sum({Wup}[j][k] * {up}[k] for k in range(len({up})))",
    "back of own weight": "{Wup}[j][j] * {up}[j]",
    "back of last weight": "{Wup}[-1][j] * {up}[-1]",
    "back unweighted": "sum({up})",
    "outer": "{d}[j] * {below}[k]", "outer transposed": "{d}[k] * {below}[j]",
    "outer of one": "{d}[j]",
    "sum": "{d}[j]",
}  # fmt: skip


@dataclass(frozen=True)
class Net:
    """What the code is about; ``layers``: where a mistake in hidden layers is made."""

    hidden: str
    output: str
    cost: str
    penalty: str
    depth: int
    layers: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Stage → template that stands there; ``at`` decides at which layers (default: all)."""

    stages: Mapping[str, str] = field(default_factory=dict)
    at: Callable[[Net], tuple[int, ...]] | None = None

    def text(self, stage: str, l: int, net: Net, usual: str) -> str:
        """What stands at this stage; ``{usual}`` in a plan's template is what should."""
        if self.at is not None and l not in self.at(net):
            return usual
        return self.stages.get(stage, usual).replace("{usual}", usual)


RIGHT = Plan()
DECAY = {"none": "", "lambda/2": "lam * {W}", "lambda": "2 * lam * {W}",
         "lambda/(2m)": "lam / m * {W}", "lambda/m": "2 * lam / m * {W}"}  # fmt: skip
COST = {"quadratic": "(({a} - {y}) ** 2).sum() / 2 / m", "cross-entropy": "-({y} * np.log({a})).sum() / m",
        "binary-cross-entropy": "-({y} * np.log({a}) + (1 - {y}) * np.log(1 - {a})).sum() / m"}  # fmt: skip
PRICE = {
    "lambda/2": "lam / 2",
    "lambda": "lam",
    "lambda/(2m)": "lam / (2 * m)",
    "lambda/m": "lam / m",
}


@dataclass(frozen=True)
class Style:
    """``shape``: a row of ``MATRICES`` or "floats"; ``W`` and ``b``: how parameters are written."""

    name: str
    says: str
    shape: str
    function: str
    W: str = "W{l}"
    b: str = "b{l}"
    x: str = "X"
    y: str = "Y"
    updates: bool = False
    late: bool = False  # all errors first, then the gradients

    def left(self, l: int) -> tuple[str, str]:
        """Where ∂C/∂W^l and ∂C/∂b^l are put down."""
        return {
            "class": (f"self.dW{l}", f"self.db{l}"),
            "dictionary": (f'grads["dW{l}"]', f'grads["db{l}"]'),
        }.get(self.name, (f"dW{l}", f"db{l}"))

    def names(self, l: int, net: Net) -> dict[str, str]:
        a = [self.x, *(f"a{k}" for k in range(1, net.depth + 2))]
        return {
            "z": f"z{l}", "a": a[l], "d": f"d{l}", "e": f"e{l}", "y": self.y, "x": self.x,
            "W": self.W.format(l=l), "b": self.b.format(l=l), "below": a[l - 1],
            "zbelow": f"z{l - 1}", "up": f"d{l + 1}", "eup": f"e{l + 1}", "next": a[l + 1],
            "znext": f"z{l + 1}", "dbelow": f"d{l - 1}", "Wup": self.W.format(l=l + 1), "b decay": DECAY[net.penalty].replace("{W}", self.b.format(l=l)),
        }  # fmt: skip


def fill(template: str, names: Mapping[str, str]) -> str:
    """Placeholders by names; what a name stands for may hold placeholders too."""
    for _ in range(3):
        for name, text in names.items():
            template = template.replace("{" + name + "}", text)
    return template


def structural(style: Style, words: str) -> str:
    """The template of a stage for this shape: a key of its table, or the template itself."""
    table = FLOATS if style.shape == "floats" else MATRICES[style.shape]
    return table.get(words, words)


def slope_of(name: str) -> str:
    return CURVES[name][1]


def residual(net: Net) -> tuple[str, str]:
    """(e^L, δ^L) as templates: what is sent back, and what it is multiplied with."""
    if net.output == "softmax" and net.cost == "quadratic":
        return "{a} - {y}", "jacobian"
    if net.cost != "quadratic":
        return "{a} - {y}", ""
    return "{a} - {y}", slope_of(net.output)


def times(one: str, other: str) -> str:
    return f"{one} * {other}" if other else one


def error(net: Net, plan: Plan, units: str) -> list[str]:
    """e^L and δ^L."""
    sent, slope = residual(net)
    usual = times("{e}", slope)
    if slope == "jacobian":
        usual = "{a} * ({e} - " + units.replace("{}", "{e} * {a}") + ")"
    return [
        "{e} = " + plan.text("residual", net.depth, net, sent),
        "{d} = " + plan.text("error", net.depth, net, usual),
    ]


def back(style: Style, net: Net, plan: Plan, l: int) -> list[str]:
    """e^l and δ^l of a hidden layer."""
    back = structural(style, plan.text("back", l, net, "back"))
    slope = plan.text("slope", l, net, slope_of(net.hidden))
    return [
        "{e} = " + back.replace("{up}", plan.text("sent", l, net, "{up}")),
        "{d} = " + plan.text("delta", l, net, times("{e}", slope)),
    ]


def gradients(style: Style, net: Net, plan: Plan, l: int) -> tuple[str, str, str, str]:
    """∂C/∂W^l, its penalty, ∂C/∂b^l, and what a mistake adds to that."""
    outer = structural(style, plan.text("outer", l, net, "outer"))
    outer = outer.replace("{below}", plan.text("below", l, net, "{below}"))
    outer = outer.replace("{d}", plan.text("own error", l, net, "{d}"))
    whole = structural(style, plan.text("sum", l, net, "sum"))
    return (
        plan.text("weights", l, net, "{outer} / m").replace("{outer}", outer),
        plan.text("decay", l, net, DECAY[net.penalty]),
        plan.text("biases", l, net, "{sum} / m").replace("{sum}", whole),
        plan.text("bias decay", l, net, ""),
    )


def plus(one: str, other: str) -> str:
    return f"{one} + {other}" if other else one
