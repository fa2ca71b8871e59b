"""Gradient code as people write it, in eight styles, for any network of a few layers.

Every line of the backward pass comes from a template; a plan of a mistake replaces templates.
In a template ``{z}, {a}, {d}`` belong to layer l, ``{up}, {next}, {Wup}, {znext}`` to l + 1, and
``{below}, {zbelow}`` to l - 1; ``{e}`` is what came back before its slope, ``{y}`` the targets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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


def _used_at_once(e: str, lines: Sequence[str]) -> bool:
    """Whether a name is only read in the line behind the one that sets it."""
    reads = [n for n, line in enumerate(lines) if re.search(rf"= .*\b{e}\b", line)]
    return all(lines[n - 1].strip().startswith(f"{e} = ") for n in reads)


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


def _error(net: Net, plan: Plan, units: str) -> list[str]:
    """e^L and δ^L."""
    sent, slope = residual(net)
    usual = times("{e}", slope)
    if slope == "jacobian":
        usual = "{a} * ({e} - " + units.replace("{}", "{e} * {a}") + ")"
    return [
        "{e} = " + plan.text("residual", net.depth, net, sent),
        "{d} = " + plan.text("error", net.depth, net, usual),
    ]


def _back(style: Style, net: Net, plan: Plan, l: int) -> list[str]:
    """e^l and δ^l of a hidden layer."""
    back = structural(style, plan.text("back", l, net, "back"))
    slope = plan.text("slope", l, net, slope_of(net.hidden))
    return [
        "{e} = " + back.replace("{up}", plan.text("sent", l, net, "{up}")),
        "{d} = " + plan.text("delta", l, net, times("{e}", slope)),
    ]


def _gradients(style: Style, net: Net, plan: Plan, l: int) -> tuple[str, str, str, str]:
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


def _plus(one: str, other: str) -> str:
    return f"{one} + {other}" if other else one


def written(style: Style, net: Net, plan: Plan = RIGHT) -> str | None:
    """The source of a module; None where the mistake cannot be written in this style."""
    tables = {"floats": FLOATS}.get(style.shape, MATRICES.get(style.shape, MATRICES["columns"]))
    if any(text in MATRICES["rows"] and text not in tables for text in plan.stages.values()):
        return None
    writer = {"floats": _loops, "listed": _listed}.get(style.shape, _matrices)
    return "\n".join(["import numpy as np", "", "", *_merged(writer(style, net, plan)), ""])


COPY = re.compile(r"(?:d(\d)|delta) = (?:e(\d?)|\[e(\d)\[j\] for .*\])")


def _merged(lines: Sequence[str]) -> list[str]:
    """``e2 = …`` and ``d2 = e2`` as one line, as people write it, unless e2 is used again."""
    made: list[str] = []
    for line in lines:
        match = COPY.fullmatch(line.strip())
        e = "e" + next(filter(None, match.groups()), "") if match else ""
        if match and _used_at_once(e, lines):
            before, equals, value = made.pop().partition(" = ")
            made.append(before[: -len(before.lstrip())] + line.split()[0] + equals + value)
        else:
            made.append(line)
    return made


def _matrices(style: Style, net: Net, plan: Plan) -> list[str]:
    """Straight-line code on arrays, a few lines for each layer."""
    table, L = MATRICES[style.shape], net.depth
    body = [fill(f"m = {table['m']}", style.names(1, net))]
    for l in range(1, L + 1):
        output = table["softmax"] if net.output == "softmax" else CURVES[net.output][0]
        value = plan.text("outputs", l, net, output) if l == L else CURVES[net.hidden][0]
        for line in ("{z} = " + table["z"], "{a} = " + value):
            body.append(fill(line, style.names(l, net)))
    updates: list[str] = []
    for l in range(L, 0, -1):
        names = style.names(l, net)
        names |= {"mean": table["mean of targets"], "outputs": table["outputs"]}
        made = _error(net, plan, table["units"]) if l == L else _back(style, net, plan, l)
        weights, decay, biases, extra = _gradients(style, net, plan, l)
        dW, db = style.left(l)
        kept = [f"{dW} = {_plus(weights, decay)}", f"{db} = {_plus(biases, extra)}"]
        body += [fill(line, names) for line in made]
        (updates if style.late else body).extend(fill(line, names) for line in kept)
        if style.updates:
            step = plan.stages.get("step", "-=")
            changes = [fill(f"{{{p}}} {step} lr * {g}", names) for p, g in (("W", dW), ("b", db))]
            (body if plan.stages.get("order") == "at once" else updates).extend(changes)
    pad = " " * (8 if style.name == "class" else 4)
    inner = [*body, *updates, *_tail(style, net)]
    return [*_head(style, net), *(pad + line for line in inner)]


def _head(style: Style, net: Net) -> list[str]:
    L = range(1, net.depth + 1)
    own = ", ".join(f"{style.W.format(l=l)}, {style.b.format(l=l)}" for l in L)
    more = (", lam" if net.penalty != "none" else "") + (", lr" if style.updates else "")
    if style.name == "class":
        made = [
            f"        self.W{l}, self.b{l} = np.zeros((sizes[{l - 1}], sizes[{l}])), np.zeros(sizes[{l}])"
            for l in L
        ]
        return ["class Network:", "    def __init__(self, sizes):", *made, "",
                f"    def backward(self, X, Y{more}):"]  # fmt: skip
    if style.name == "dictionary":
        return [f"def backward(X, Y, params{more}):", "    grads = {}"]
    if style.name == "vector":
        widths = ", ".join(f"n{l}" for l in range(net.depth + 1))
        cut = [
            line
            for l in L
            for line in (
                f"    W{l} = theta[k : k + n{l} * n{l - 1}].reshape(n{l}, n{l - 1})",
                f"    k += n{l} * n{l - 1}",
                f"    b{l} = theta[k : k + n{l}]",
                f"    k += n{l}",
            )
        ]
        head = f"def loss_and_gradient(theta, X, Y, sizes{more}):"
        return [head, f"    {widths} = sizes", "    k = 0", *cut]
    return [f"def {style.function}(X, Y, {own}{more}):"]


def _tail(style: Style, net: Net) -> list[str]:
    L = range(1, net.depth + 1)
    if style.updates or style.name == "class":
        return []
    both = [name for l in L for name in style.left(l)]
    if style.name not in ("dictionary", "vector"):
        return [f"return {', '.join(both)}"]
    cost = fill("cost = " + COST[net.cost], style.names(net.depth, net))
    if net.penalty != "none":
        squares = " + ".join(f"({style.W.format(l=l)} ** 2).sum()" for l in L)
        cost += f" + {PRICE[net.penalty]} * ({squares})"
    if style.name == "dictionary":
        return [cost, "return grads, cost"]
    return [cost, f"return cost, np.concatenate([{', '.join(f'{n}.ravel()' for n in both)}])"]


def _loops(style: Style, net: Net, plan: Plan) -> list[str]:
    """Loops over samples and units, numbers only."""
    L, more = net.depth, ", lam" if net.penalty != "none" else ""
    own = ", ".join(f"W{l}, b{l}" for l in range(1, L + 1))
    head = [f"def gradients(X, Y, {own}{more}):", "    m = len(X)"]
    inner, after = ["x, y = X[s], Y[s]"], []
    for l in range(1, L + 1):
        names = style.names(l, net)
        curve = CURVES[net.hidden if l < L else net.output if net.output in CURVES else "identity"][
            0
        ]
        curve = curve.replace("np.maximum({z}, 0)", "max({z}, 0.0)").replace("{z}", "v")
        inner += [
            fill("{z} = [sum({W}[j][k] * {below}[k] for k in range(len({below}))) + {b}[j] for j in range(len({b}))]", names),
            fill(f"{{a}} = [{curve} for v in {{z}}]", names),
        ]  # fmt: skip
        if (l, net.output) == (L, "softmax"):
            inner[-1] = fill("{a} = [np.exp(v) / sum(np.exp(u) for u in {z}) for v in {z}]", names)
        head += [
            f"    dW{l} = [[0.0] * len(W{l}[0]) for _ in W{l}]",
            f"    db{l} = [0.0] * len(b{l})",
        ]
    for l in range(L, 0, -1):
        names = style.names(l, net)
        entry = names | {
            key: names[key] + "[j]" for key in ("z", "a", "y", "e", "d", "znext", "next")
        }
        entry |= {"whole": names["up"]}
        units = f"sum({names['e']}[i] * {names['a']}[i] for i in range(len({names['a']})))"
        made = _error(net, plan, units) if l == L else _back(style, net, plan, l)
        for line in made:
            left, _, right = line.partition(" = ")
            plain = left == "{e}" and l < L  # structural: the entries are written out
            inner.append(fill(f"{left} = [", names) + fill(right, names if plain else entry)
                         + f" for j in range(len({names['z']}))]")  # fmt: skip
        weights, decay, biases, extra = _gradients(style, net, plan, l)
        sign = plan.text("sign", l, net, "+=")
        inner += [
            fill("for j in range(len({d})):", names),
            fill(f"    db{l}[j] {sign} {biases}", names),
            fill("    for k in range(len({below})):", names),
            fill(f"        dW{l}[j][k] {sign} {weights}", names),
        ]
        after += [fill(f"    dW{l} = np.array(dW{l}) + {decay}", names)] if decay else []
        after += [fill(f"    db{l} = np.array(db{l}) + {extra}", names)] if extra else []
    made_names = ", ".join(f"dW{l}, db{l}" for l in range(1, L + 1))
    return [*head, "    for s in range(m):", *("        " + line for line in inner), *after,
            f"    return {made_names}"]  # fmt: skip


def _listed(style: Style, net: Net, plan: Plan) -> list[str]:
    """Lists of parameters, one sample as a column, loops over the layers."""
    columns = replace(style, shape="columns")
    table = MATRICES["columns"]
    deep = replace(net, depth=2)
    names = {
        "z": "zs[l]", "a": "acts[l + 1]", "below": "acts[l]", "d": "delta", "e": "e", "up": "delta",
        "next": "acts[l + 2]", "znext": "zs[l + 1]", "zbelow": "(zs[l - 1] if l else acts[0])",
        "x": "x", "y": "y", "W": "weights[l]", "b": "biases[l]", "Wup": "weights[l + 1]", "eup": "e",
        "m": "1", "mean": "y",
    }  # fmt: skip
    last = names | {"z": "zs[-1]", "a": "acts[-1]", "below": "acts[-2]", "W": "weights[-1]",
                    "zbelow": "zs[-2]", "b": "biases[-1]"}  # fmt: skip
    output = table["softmax"] if net.output == "softmax" else CURVES[net.output][0]
    error = _error(deep, plan, table["units"])
    hidden = _back(columns, deep, replace(plan, at=_all), 1)

    def kept(l: int, there: Mapping[str, str]) -> list[str]:
        weights, decay, biases, extra = _gradients(columns, deep, plan, l)
        place = "-1" if l == 2 else "l"
        made = [f"dW[{place}] = {_plus(weights, decay)}", f"db[{place}] = {_plus(biases, extra)}"]
        made = [line.replace(table["sum"], "{d}") for line in made]
        return [fill(line.replace(" / m", ""), there) for line in made]

    lines = [
        "def backprop(x, y, weights, biases):",
        "    acts, zs = [x], []",
        "    for l in range(len(weights)):",
        "        zs.append(weights[l] @ acts[l] + biases[l])",
        f"        hidden = {fill(CURVES[net.hidden][0], {'z': 'zs[l]'})}",
        f"        output = {fill(output, {'z': 'zs[l]'})}",
        "        acts.append(hidden if l < len(weights) - 1 else output)",
        "    dW, db = [0 * w for w in weights], [0 * b for b in biases]",
        *("    " + fill(line, last) for line in error),
        *("    " + line for line in kept(2, last)),
        "    for l in range(len(weights) - 2, -1, -1):",
        *("        " + fill(line, names) for line in hidden),
        *("        " + line for line in kept(1, names)),
        "    return db, dW",
    ]
    return lines


def _all(net: Net) -> tuple[int, ...]:
    return tuple(range(1, net.depth + 1))


STYLES = (
    Style("loops", "loops over samples and numbers", "floats", "gradients", x="x", y="y"),
    Style("columns", "samples in columns", "columns", "backward", late=True),
    Style("rows", "samples in rows", "rows", "backprop"),
    Style("class", "class with attributes", "rows", "Network.backward", W="self.W{l}", b="self.b{l}"),
    Style("dictionary", "dictionaries", "columns", "backward",
          W='params["W{l}"]', b='params["b{l}"]', late=True),
    Style("vector", "one flat vector", "turned", "loss_and_gradient", late=True),
    Style("lists", "lists, one sample, loop over layers", "listed", "backprop", x="x", y="y"),
    Style("update", "update in place", "rows", "train_step", updates=True),
)  # fmt: skip
