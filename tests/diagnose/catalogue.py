"""Fifty-five classic mistakes, each as a change of templates that any style of code can make.

Numbers (M01 …) are those of the project's list of mistakes seen in public code and courses.
``named``: the rows of ``symbackprop.diagnose.mistakes`` that may be told; ``stated``: a
convention, and a mistake only where the cost is stated and no factor is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from templates import RIGHT, Net, Plan, Style, slope_of

Where = Callable[[Net], tuple[int, ...]]


def _hidden(net: Net) -> tuple[int, ...]:
    return net.layers


def _above(net: Net) -> tuple[int, ...]:
    return tuple(range(2, net.depth + 1))


def _last(net: Net) -> tuple[int, ...]:
    return (net.depth,)


def _first(net: Net) -> tuple[int, ...]:
    return (1,)


def anywhere(net: Net) -> bool:
    return True


@dataclass(frozen=True)
class Row:
    """``kinds``: hidden, output and cost that it can be made with ("" for any)."""

    id: str
    says: str
    named: tuple[str, ...]
    plan: Plan
    needs: Callable[[Net], bool] = anywhere
    stated: bool = False
    penalised: bool = False
    styles: Callable[[Style], bool] = lambda style: True


def kind(hidden: str = "", output: str = "", cost: str = "") -> Callable[[Net], bool]:
    def fits(net: Net) -> bool:
        return (
            net.hidden in (hidden.split() or [net.hidden])
            and net.output in (output.split() or [net.output])
            and net.cost in (cost.split() or [net.cost])
        )

    return fits


def updates(style: Style) -> bool:
    return style.updates


def gives(style: Style) -> bool:
    return not style.updates


def batches(style: Style) -> bool:
    return style.name != "lists"


def factor(id_: str, says: str, times: str, name: str, styles: Callable[[Style], bool]) -> Row:
    plan = Plan({"weights": f"{times} * ({{usual}})", "biases": f"{times} * ({{usual}})"})
    return Row(id_, says, (f"factor {name}",), plan, stated=True, styles=styles)


def slope(id_: str, says: str, named: str, at: str, hidden: str) -> Row:
    """Another formula for σ' in the hidden layers."""
    return Row(id_, says, tuple(named.split()), Plan({"slope": at}, _hidden), kind(hidden))


LAST = "last-sample-only"
OUTER = "outer"
SIGMOID_AT = "1 / (1 + np.exp(-{}))"
AT_A = f"({SIGMOID_AT.format('{a}')}) * (1 - {SIGMOID_AT.format('{a}')})"
MIRRORED = f"({SIGMOID_AT.format('{z}')}) * ({SIGMOID_AT.format('(1 - {z})')})"
SQUARES = kind(cost="quadratic", output="sigmoid tanh")


def of_next(net: Net) -> bool:
    return (
        net.hidden == net.output and net.cost == "quadratic" and net.hidden in ("sigmoid", "tanh")
    )


def next_slope(name: str) -> Row:
    text = slope_of(name).replace("{z}", "{znext}").replace("{a}", "{next}")
    return Row("M21", "slope of the next layer", ("slope-of-next-layer",),
               Plan({"slope": text}, _hidden), lambda net: of_next(net) and net.hidden == name)  # fmt: skip


ROWS: tuple[Row, ...] = (
    factor("M01", "sign of the residual", "-1", "-1", gives),
    Row("M01", "sign of the residual, update", ("update-sign",),
        Plan({"step": "+="}), styles=updates),
    factor("M02", "½ of the cost forgotten", "0.5", "1/2", lambda s: True),
    factor("M03", "1/m missing", "m", "m", batches),
    factor("M04", "1/m twice", "1 / m", "1/m", batches),
    factor("M05", "n_L times", "{outputs}", "n_L", lambda s: s.name in ("rows", "columns", "update")),
    Row("M06", "learning rate in every error", ("rate-in-every-error",),
        Plan({"error": "lr * ({usual})", "delta": "lr * {usual}"}), styles=updates),
    Row("M07", "updated weights in the backward pass", ("updated-weights",),
        Plan({"order": "at once"}), styles=updates),
    Row("M08", "σ'(z^L) forgotten, quadratic cost", ("output-slope-missing",), Plan({"error": "{e}"}),
        SQUARES, stated=True),
    Row("M09", "extra σ'(z^L), cross-entropy", ("output-slope-extra",),
        Plan({"error": "{e} * {a} * (1 - {a})"}), kind(cost="binary-cross-entropy"), stated=True),
    slope("M10", "σ' forgotten in hidden layers", "hidden-slope-missing mask-always-one", "", ""),
    Row("M11", "raw error sent back", ("raw-error-sent-back",), Plan({"sent": "{eup}"}), SQUARES),
    slope("M12", "σ' at a for z", "slope-at-activation", AT_A, "sigmoid"),
    slope("M13", "z(1-z)", "slope-formula-at-z", "{z} * (1 - {z})", "sigmoid"),
    slope("M14", "σ(z) σ(1-z)", "mirrored-sigmoid", MIRRORED, "sigmoid"),
    slope("M15", "1-z²", "slope-formula-at-z", "(1 - {z} ** 2)", "tanh"),
    slope("M15b", "a(1-a) for tanh", "slope-of-sigmoid", "{a} * (1 - {a})", "tanh"),
    slope("M15c", "1-tanh(a)²", "slope-at-activation", "(1 - np.tanh({a}) ** 2)", "tanh"),
    slope("M16", "ReLU mask always 1", "mask-always-one hidden-slope-missing", "({a} >= 0)", "relu"),
    slope("M16b", "ReLU mask of the gradient", "mask-of-gradient", "({e} > 0)", "relu"),
    Row("M18", "W for its transpose", ("weights-not-transposed",),
        Plan({"back": "back untransposed"}, _hidden)),
    Row("M19", "outer product transposed", ("outer-transposed", "reshaped-not-transposed"),
        Plan({OUTER: "outer transposed"})),
    Row("M19b", "reshaped for transposed", ("reshaped-not-transposed", "outer-transposed"),
        Plan({OUTER: "outer reshaped"})),
    Row("M20", "own activation in the outer product", ("own-activation",), Plan({"below": "{a}"})),
    Row("M20b", "input x in every layer", ("input-in-every-layer",), Plan({"below": "{x}"}, _above)),
    next_slope("sigmoid"),
    next_slope("tanh"),
    Row("M22", "z in the outer product", ("weighted-input-below",), Plan({"below": "{zbelow}"}, _above)),
    Row("M23", "a^{l-1} forgotten", ("input-forgotten",), Plan({OUTER: "outer of one"})),
    Row("M24", "activations sent back", ("activations-sent-back",), Plan({"sent": "{next}"}, _hidden)),
    Row("M25", "only k = j of the sum", ("own-weight-only",), Plan({"back": "back of own weight"}, _hidden)),
    Row("M25b", "only the last k of the sum", ("last-weight-only",),
        Plan({"back": "back of last weight"}, _hidden)),
    Row("M26", "weights forgotten on the way back", ("weights-forgotten", "layer-never-filled"),
        Plan({"back": "back unweighted"}, _hidden)),
    Row("M27", "only the last sample", (LAST,), Plan({OUTER: "outer of last", "sum": "sum of last"}),
        styles=lambda s: s.name not in ("lists", "loops")),
    Row("M27", "only the last sample, = for +=", (LAST,), Plan({"sign": "="}), styles=lambda s: s.name == "loops"),
    Row("M28", "bias gradient forgotten", ("bias-gradient-zero",), Plan({"biases": "0 * {sum}"})),
    Row("M29", "bias gradient summed over units", ("bias-summed-over-units",), Plan({"biases": "({sum}).sum() / m"}),
        styles=lambda s: s.name not in ("loops", "vector")),
    Row("M29b", "bias gradient averaged over units", ("bias-averaged-over-units",),
        Plan({"biases": "0 * {b} + ({sum}).mean() / m"}), styles=lambda s: s.name != "loops"),
    Row("M30", "bias gradient without 1/m", ("biases-not-averaged",), Plan({"biases": "{sum}"}), styles=batches),
    Row("M30b", "bias gradient not summed over the samples", ("bias-not-summed",), Plan({"sum": "{d}"}),
        styles=lambda s: s.name in ("rows", "columns", "class", "dictionary")),
    Row("M31", "penalty on the biases", ("penalty-on-biases",), Plan({"bias decay": "{b decay}"}),
        penalised=True),
    Row("M32", "penalty forgotten", ("penalty-missing",), Plan({"decay": ""}), penalised=True, stated=True),
    Row("M33", "penalty twice too large", ("penalty-doubled",), Plan({"decay": "2 * {usual}"}), penalised=True, stated=True),
    Row("M34", "penalty without 1/m", ("penalty-not-averaged",), Plan({"decay": "m * {usual}"}), penalised=True, stated=True),
    Row("M35", "penalty with the wrong sign", ("penalty-sign",), Plan({"decay": "-{usual}"}), penalised=True),
    Row("M39", "softmax: the diagonal only", ("softmax-diagonal-only",), Plan({"error": "-{y} * (1 - {a})"}),
        kind(output="softmax", cost="cross-entropy")),
    Row("M40", "softmax: extra p(1-p)", ("softmax-slope-extra",), Plan({"error": "{e} * {a} * (1 - {a})"}),
        kind(output="softmax", cost="cross-entropy")),
    Row("M41", "softmax with squares: p - y", ("softmax-squares-as-cross-entropy",), Plan({"error": "{e}"}),
        kind(output="softmax", cost="quadratic"), stated=True),
    Row("M41b", "softmax with squares: the diagonal only", ("softmax-squares-diagonal", "softmax-slope-extra"),
        Plan({"error": "{e} * {a} * (1 - {a})"}), kind(output="softmax", cost="quadratic")),
    Row("M42", "softmax over the whole batch", ("softmax-over-batch",),
        Plan({"outputs": "np.exp({z}) / np.exp({z}).sum()"}), kind(output="softmax"),
        styles=lambda s: s.name not in ("loops", "lists")),
    Row("M44", "slope formula of the error", ("slope-of-error",),
        Plan({"error": "{e} * (1 - {e})", "slope": "(1 - {e})"}), kind("sigmoid", "sigmoid", "quadratic")),
    Row("M45", "targets broadcast", ("targets-broadcast",), Plan({"residual": "m * ({a} - {mean})"}),
        kind(cost="quadratic", output="sigmoid tanh identity"), styles=lambda s: s.name not in ("loops", "lists")),
    Row("M47", "sign inside the slope of the cross-entropy", ("bce-sign",),
        Plan({"residual": "-({y} / {a} + (1 - {y}) / (1 - {a}))", "error": "{e} * {a} * (1 - {a})"}),
        kind(cost="binary-cross-entropy")),
    factor("M48", "log2 in the cost", "np.log(2)", "ln 2", gives),
    Row("M49", "absolute residual", ("absolute-residual",), Plan({"residual": "abs({usual})"})),
    Row("M50", "squared residual", ("squared-residual",), Plan({"residual": "({usual}) ** 2"})),
    Row("M54", "the loop stops a layer early", ("layer-never-filled",),
        Plan({"weights": "0 * ({usual})", "biases": "0 * ({usual})"}, _first)),
    factor("M55", "accumulator not reset", "2", "2", lambda s: True),
    Row("M56", "hidden error for the output weights", ("hidden-error-for-output-weights",),
        Plan({"own error": "{dbelow}"}, _last), styles=lambda s: s.late),
)  # fmt: skip
RIGHT_ROW = Row("", "right", (), RIGHT)

HIDDEN = ("sigmoid", "tanh", "relu")
PAIRS = (
    ("sigmoid", "quadratic"), ("tanh", "quadratic"), ("identity", "quadratic"),
    ("sigmoid", "binary-cross-entropy"), ("softmax", "cross-entropy"), ("softmax", "quadratic"),
)  # fmt: skip
PENALTIES = ("lambda/2", "lambda", "lambda/(2m)", "lambda/m")
