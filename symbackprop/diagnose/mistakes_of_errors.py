"""Mistakes in the errors δ: of the output, of softmax, in slopes, on the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from symbackprop.diagnose.curves import CURVES, Array, logistic
from symbackprop.diagnose.mistake import (
    Mistake,
    Needs,
    Slope,
    chained,
    each,
    same_size,
    spread,
    squares,
    up,
)
from symbackprop.diagnose.problems import Flow, Spoil


def both(slope: Slope) -> dict[str, Spoil]:
    """Another factor in the place of σ', in hidden layers and in the output layer."""
    return {"slope": slope, "error": lambda f, l: up(f) * slope(f, l)}


def hidden_is(*names: str) -> Needs:
    return lambda f: f.setting.hidden in names or (f.setting.output in names and chained(f))


def softmax_with(*costs: str) -> Needs:
    return lambda f: f.setting.output == "softmax" and f.setting.cost in costs


def not_softmax(f: Flow) -> bool:
    return chained(f) and squares(f)


def _raw_back(f: Flow, l: int) -> Array:
    """e^L = a^L - y, e^l = (W^{l+1})^T e^{l+1}: no slope on the way."""
    sent = f.residual
    for k in range(f.depth, l, -1):
        sent = sent @ f.point.W[k - 1]
    return sent


def _updated_back(f: Flow, l: int) -> Array:
    gradient = f.true_weights(l + 1) + f.true_decay(l + 1)
    return f.delta(l + 1) @ (f.point.W[l] - f.point.eta * gradient)


def _by_a(f: Flow, l: int, argument: Array) -> Array:
    by_a = f.curve(l).by_a
    return by_a(argument) if by_a is not None else f.curve(l).slope(argument)


def _over_batch(f: Flow, l: int) -> Array:
    e = np.exp(f.z(l))
    return e / e.sum()


def _over_batch_shifted(f: Flow, l: int) -> Array:
    """The largest z of each sample is taken away before, as in stable code."""
    e = np.exp(f.z(l) - f.z(l).max(axis=1, keepdims=True))
    return e / e.sum()


def _sent(f: Flow, l: int, e: Array) -> Array:
    """δ^L from what stands for a^L - y: through the slope or the Jacobian where there is one."""
    if not squares(f):
        return e
    if chained(f):
        return e * f.slope(l)
    a = f.a(l)
    return a * (e - (e * a).sum(axis=1, keepdims=True))


def _residual_as(change: Callable[[Array], Array]) -> Spoil:
    return lambda f, l: _sent(f, l, change(f.residual))


def _slope_of(name: str) -> tuple[Needs, Slope, Slope]:
    """Another activation's slope: of z, and by its formula in a."""
    curve = CURVES[name]
    assert curve.by_a is not None
    by_a = curve.by_a

    def needs(f: Flow) -> bool:
        return f.setting.hidden != name or (chained(f) and f.setting.output != name)

    return needs, lambda f, l: curve.slope(f.z(l)), lambda f, l: by_a(f.a(l))


def _other_slopes() -> Iterator[Mistake]:
    for name, says in (("sigmoid", "a(1-a)"), ("tanh", "1-a²"), ("relu", "[z>0]")):
        needs, at_z, at_a = _slope_of(name)
        sentence = f"the slope of {name}, {says}, stands where another function's belongs"
        yield Mistake(f"slope-of-{name}", sentence, "σ'(z^l)", both(at_a), needs, rank=1)
        yield Mistake(f"slope-of-{name}", sentence, "σ'(z^l)", both(at_z), needs, rank=1)


IN_ERRORS: tuple[Mistake, ...] = (
    # the error of the output layer
    Mistake("output-slope-missing", "the output error lacks its factor σ'(z^L)",
            "δ^L = ∂C/∂a^L ⊙ σ'(z^L)", each("error", lambda f, l: up(f)), not_softmax),
    Mistake("output-slope-extra", "the output error has a factor σ'(z^L) that cancels out here",
            "δ^L = a^L - y", each("error", lambda f, l: f.true_error() * f.slope(l)),
            lambda f: f.setting.cost == "binary-cross-entropy" and chained(f)),
    Mistake("output-slope-twice", "the output error has its factor σ'(z^L) twice",
            "δ^L = ∂C/∂a^L ⊙ σ'(z^L)", each("error", lambda f, l: f.true_error() * f.slope(l)),
            not_softmax, rank=1),
    Mistake("absolute-residual", "the absolute value |a^L - y| is sent back",
            "a^L - y", each("error", _residual_as(np.abs)), shows=lambda f: np.abs(f.residual)),
    Mistake("squared-residual", "the cost (a^L - y)² itself is sent back, not its slope",
            "a^L - y", each("error", _residual_as(np.square)), shows=lambda f: f.residual**2),
    Mistake("slope-of-error", "the slope formula is applied to the error, e(1-e), not to a",
            "δ = e ⊙ σ'(z)", {"error": lambda f, l: f.residual * (1 - f.residual),
                              "slope": lambda f, l: 1 - f.back(l)}),
    Mistake("targets-broadcast", "targets of shape (m,) meet outputs of shape (m, 1): every sample"
            " is compared with every target", "a^L - y, sample by sample",
            each("error", lambda f, l: _sent(
                f, l, f.point.samples * (f.a(l) - f.point.Y.mean(axis=0))))),
    Mistake("targets-missing", "the targets are not subtracted", "a^L - y",
            each("error", lambda f, l: _sent(f, l, f.a(l))), rank=1),
    Mistake("bce-sign", "a sign inside the slope of the cross-entropy: -[y/a + (1-y)/(1-a)]",
            "-[y/a - (1-y)/(1-a)]",
            each("error", lambda f, l: -(f.point.Y + f.a(l) - 2 * f.point.Y * f.a(l))),
            lambda f: f.setting.cost == "binary-cross-entropy"),
    # softmax
    Mistake("softmax-diagonal-only", "only the diagonal of the softmax Jacobian is used: -y(1-p)",
            "δ^L = p - y", each("error", lambda f, l: -f.point.Y * (1 - f.a(l))),
            softmax_with("cross-entropy")),
    Mistake("softmax-slope-extra", "p - y is already the error; the factor p(1-p) is one too many",
            "δ^L = p - y", each("error", lambda f, l: f.residual * f.a(l) * (1 - f.a(l))),
            softmax_with("cross-entropy")),
    Mistake("softmax-squares-as-cross-entropy", "p - y belongs to cross-entropy; with the quadratic"
            " cost the softmax Jacobian stays", "δ^L = p ⊙ [(p-y) - Σ p_k(p_k-y_k)]",
            each("error", lambda f, l: f.residual), softmax_with("quadratic", "mse")),
    Mistake("softmax-squares-diagonal", "only the diagonal of the softmax Jacobian is used:"
            " (p-y) p(1-p)", "δ^L = p ⊙ [(p-y) - Σ p_k(p_k-y_k)]",
            each("error", lambda f, l: f.residual * f.a(l) * (1 - f.a(l))),
            softmax_with("quadratic", "mse")),
    Mistake("softmax-over-batch", "softmax is normalised over the whole batch, not by sample",
            "exp(z) / Σ exp(z) of each sample", each("outputs", _over_batch),
            lambda f: f.setting.output == "softmax"),
    Mistake("softmax-over-batch", "softmax is normalised over the whole batch, not by sample",
            "exp(z) / Σ exp(z) of each sample", each("outputs", _over_batch_shifted),
            lambda f: f.setting.output == "softmax"),
    # slopes
    Mistake("hidden-slope-missing", "the hidden error lacks its factor σ'(z^l)",
            "δ^l = (W^{l+1})^T δ^{l+1} ⊙ σ'(z^l)",
            each("slope", lambda f, l: np.ones_like(f.z(l)))),
    Mistake("mask-always-one", "the ReLU mask is taken with >= 0 on the activation and is always 1",
            "[z^l > 0]", each("slope", lambda f, l: np.ones_like(f.z(l))),
            lambda f: f.setting.hidden == "relu", rank=1),
    Mistake("mask-of-gradient", "the ReLU mask is taken of the incoming gradient",
            "[z^l > 0]", each("slope", lambda f, l: (f.back(l) > 0) * 1.0),
            hidden_is("relu", "leaky-relu")),
    Mistake("slope-at-activation", "the slope σ' is taken at a where it is a function of z",
            "σ'(z^l)", both(lambda f, l: f.curve(l).slope(f.a(l)))),
    Mistake("slope-formula-at-z", "the slope's formula in a is fed with z: z(1-z), 1-z²",
            "a(1-a), 1-a²", both(lambda f, l: _by_a(f, l, f.z(l))), hidden_is("sigmoid", "tanh")),
    Mistake("mirrored-sigmoid", "σ(z) σ(1-z) stands for σ(z)(1-σ(z))", "σ(z)(1-σ(z))",
            both(lambda f, l: logistic(f.z(l)) * logistic(1 - f.z(l))), hidden_is("sigmoid")),
    Mistake("activation-for-slope", "the activation σ(z) stands where its slope σ'(z) belongs",
            "σ'(z^l)", both(lambda f, l: f.true_a(l)), rank=1),
    Mistake("slope-not-squared", "1-a stands for 1-a²", "1-a²",
            both(lambda f, l: 1 - f.true_a(l)), hidden_is("tanh"), rank=1),
    Mistake("slope-plus", "1+a² stands for 1-a²", "1-a²",
            both(lambda f, l: 1 + f.true_a(l) ** 2), hidden_is("tanh"), rank=1),
    Mistake("slope-twice", "the hidden error has its factor σ'(z^l) twice", "σ'(z^l) once",
            each("slope", lambda f, l: f.slope(l) ** 2), rank=1),
    Mistake("slope-of-next-layer", "the slope of layer l+1 stands in the error of layer l",
            "σ'(z^l)", each("slope", lambda f, l: f.slope(l + 1)), same_size),
    Mistake("slope-of-previous-layer", "the slope of layer l-1 stands in the error of layer l",
            "σ'(z^l)", each("slope", lambda f, l: f.slope(l - 1)), same_size, first=2, rank=1),
    *_other_slopes(),
    # the way back
    Mistake("raw-error-sent-back", "the raw error a^L - y is sent back; slopes stay local",
            "(W^{l+1})^T δ^{l+1}", each("back", _raw_back), single=False),
    Mistake("updated-weights", "weights that are already updated are used in the backward pass",
            "the weights of the forward pass", each("back", _updated_back)),
    Mistake("weights-not-transposed", "W stands where its transpose belongs",
            "(W^{l+1})^T δ^{l+1}", each("back", lambda f, l: f.delta(l + 1) @ f.point.W[l].T),
            same_size),
    Mistake("weights-of-wrong-layer", "the error is sent back through the weights of layer l",
            "(W^{l+1})^T δ^{l+1}", each("back", lambda f, l: f.delta(l + 1) @ f.point.W[l - 1]),
            same_size, rank=1),
    Mistake("activations-sent-back", "activations are sent back in the place of errors",
            "(W^{l+1})^T δ^{l+1}", each("back", lambda f, l: f.a(l + 1) @ f.point.W[l])),
    Mistake("activations-sent-back", "activations are sent back in the place of errors",
            "(W^{l+1})^T δ^{l+1}", rank=1,  # where the errors carry the 1/m
            spoils=each("back", lambda f, l: f.point.samples * f.a(l + 1) @ f.point.W[l])),
    Mistake("own-weight-only", "the sum over k is dropped: only the term k = j is there",
            "Σ_k w_{kj} δ_k", each("back", lambda f, l: f.delta(l + 1) * np.diag(f.point.W[l])),
            same_size),
    Mistake("last-weight-only", "the sum over k is overwritten: only its last term is left",
            "Σ_k w_{kj} δ_k",
            each("back", lambda f, l: f.delta(l + 1)[:, -1:] * f.point.W[l][-1:])),
    Mistake("weights-forgotten", "the errors are added up without their weights",
            "Σ_k w_{kj} δ_k", each("back", lambda f, l: spread(
                f.delta(l + 1).sum(axis=1, keepdims=True), f.point.layers[l]))),
    Mistake("rate-in-every-error", "the learning rate is multiplied into every error",
            "η once, in the update", {"error": lambda f, l: f.point.eta * f.true_error(),
                                      "delta": lambda f, l: f.point.eta * f.back(l) * f.factor(l)},
            single=False),
    Mistake("error-sign", "the hidden error has the wrong sign", "δ^l",
            each("delta", lambda f, l: -f.back(l) * f.factor(l)), rank=1),
    Mistake("dropout-scale-missing", "only the forward pass is scaled by 1/keep",
            "δ^l / keep", rank=1,
            spoils=each("delta", lambda f, l: f.point.keep * f.back(l) * f.factor(l))),
)  # fmt: skip
