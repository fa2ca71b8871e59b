"""Gradient code as people write it, in eight styles, for any network of a few layers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from templates import (
    COST,
    CURVES,
    FLOATS,
    MATRICES,
    PRICE,
    RIGHT,
    Net,
    Plan,
    Style,
    back,
    error,
    fill,
    gradients,
    plus,
)


def written(style: Style, net: Net, plan: Plan = RIGHT) -> str | None:
    """The source of a module; None where the mistake cannot be written in this style."""
    tables = {"floats": FLOATS}.get(style.shape, MATRICES.get(style.shape, MATRICES["columns"]))
    if any(text in MATRICES["rows"] and text not in tables for text in plan.stages.values()):
        return None
    writer = {"floats": _loops, "listed": _listed}.get(style.shape, _matrices)
    return "\n".join(["import numpy as np", "", "", *_merged(writer(style, net, plan)), ""])


def _used_at_once(e: str, lines: Sequence[str]) -> bool:
    """Whether a name is only read in the line behind the one that sets it."""
    reads = [n for n, line in enumerate(lines) if re.search(rf"= .*\b{e}\b", line)]
    return all(lines[n - 1].strip().startswith(f"{e} = ") for n in reads)


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
        lines = ("{z} = " + table["z"], "{a} = " + value)
        body += [fill(line, style.names(l, net)) for line in lines]
    updates: list[str] = []
    for l in range(L, 0, -1):
        names = style.names(l, net)
        names |= {"mean": table["mean of targets"], "outputs": table["outputs"]}
        made = error(net, plan, table["units"]) if l == L else back(style, net, plan, l)
        weights, decay, biases, extra = gradients(style, net, plan, l)
        dW, db = style.left(l)
        kept = [f"{dW} = {plus(weights, decay)}", f"{db} = {plus(biases, extra)}"]
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
        made = error(net, plan, units) if l == L else back(style, net, plan, l)
        for line in made:
            left, _, right = line.partition(" = ")
            plain = left == "{e}" and l < L  # structural: the entries are written out
            inner.append(fill(f"{left} = [", names) + fill(right, names if plain else entry)
                         + f" for j in range(len({names['z']}))]")  # fmt: skip
        weights, decay, biases, extra = gradients(style, net, plan, l)
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
    last_lines = error(deep, plan, table["units"])
    loop_lines = back(columns, deep, replace(plan, at=_all), 1)

    def kept(l: int, there: Mapping[str, str]) -> list[str]:
        weights, decay, biases, extra = gradients(columns, deep, plan, l)
        place = "-1" if l == 2 else "l"
        made = [f"dW[{place}] = {plus(weights, decay)}", f"db[{place}] = {plus(biases, extra)}"]
        made = [line.replace(table["sum"], "{d}") for line in made]
        return [fill(line.replace(" / m", ""), there) for line in made]

    return [
        "def backprop(x, y, weights, biases):",
        "    acts, zs = [x], []",
        "    for l in range(len(weights)):",
        "        zs.append(weights[l] @ acts[l] + biases[l])",
        f"        hidden = {fill(CURVES[net.hidden][0], {'z': 'zs[l]'})}",
        f"        output = {fill(output, {'z': 'zs[l]'})}",
        "        acts.append(hidden if l < len(weights) - 1 else output)",
        "    dW, db = [0 * w for w in weights], [0 * b for b in biases]",
        *("    " + fill(line, last) for line in last_lines),
        *("    " + line for line in kept(2, last)),
        "    for l in range(len(weights) - 2, -1, -1):",
        *("        " + fill(line, names) for line in loop_lines),
        *("        " + line for line in kept(1, names)),
        "    return db, dW",
    ]


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
