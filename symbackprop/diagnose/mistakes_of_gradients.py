"""Mistakes in the gradients of the weights, of the biases and of the penalty."""

from __future__ import annotations

import numpy as np

from symbackprop.diagnose.curves import Array
from symbackprop.diagnose.mistake import Mistake, each, shared, spread
from symbackprop.diagnose.problems import Flow, Spoil


def _only(sample: int) -> Spoil:
    def weights(f: Flow, l: int) -> Array:
        count = np.zeros((f.point.samples, 1))
        count[sample] = 1
        return count

    return weights


def _weights_of(sample: int) -> Spoil:
    only = _only(sample)
    return lambda f, l: (f.counted(l) * only(f, l)).T @ f.below(l)


def _biases_of(sample: int) -> Spoil:
    only = _only(sample)
    return lambda f, l: f.summed(l, f.counted(l) * only(f, l))


IN_GRADIENTS: tuple[Mistake, ...] = (
    # the gradients of the weights
    Mistake("outer-transposed", "the outer product is transposed: a δ^T for δ a^T",
            "∂C/∂W^l = δ^l (a^{l-1})^T", each("weights", lambda f, l: f.true_weights(l).T)),
    Mistake("reshaped-not-transposed", "the gradient is reshaped where it should be transposed",
            "∂C/∂W^l = δ^l (a^{l-1})^T", each("weights", lambda f, l: np.reshape(
                f.true_weights(l).T, f.true_weights(l).shape)), rank=1),
    Mistake("reshaped-not-transposed", "the gradient is reshaped where it should be transposed",
            "∂C/∂W^l = δ^l (a^{l-1})^T", each("weights", lambda f, l: np.reshape(
                f.true_weights(l), f.true_weights(l).shape[::-1]).T), rank=1),  # W in × out
    Mistake("own-activation", "the layer's own activation stands in the outer product",
            "δ^l (a^{l-1})^T", each("below", lambda f, l: f.a(l))),
    Mistake("input-in-every-layer", "the input x stands in the outer product of every layer",
            "δ^l (a^{l-1})^T", each("below", lambda f, l: f.point.X), first=2),
    Mistake("weighted-input-below", "z^{l-1} stands in the outer product, not a^{l-1}",
            "δ^l (a^{l-1})^T", each("below", lambda f, l: f.z(l - 1)), first=2),
    Mistake("input-forgotten", "the factor a^{l-1} is forgotten: every weight gets δ_j",
            "δ^l (a^{l-1})^T", each("weights", lambda f, l: spread(
                f.counted(l).sum(axis=0)[:, None], f.point.layers[l - 1]))),
    Mistake("hidden-error-for-output-weights", "the output weights get the hidden error",
            "δ^L (a^{L-1})^T", each("weights", lambda f, l: f.counted(l - 1).T @ f.a(l - 1)),
            first=2, rank=1),
    Mistake("last-sample-only", "only the last sample of the batch counts (= for +=)",
            "the mean over all samples", each("samples", _only(-1))),
    Mistake("first-sample-only", "only the first sample of the batch counts",
            "the mean over all samples", each("samples", _only(0)), rank=1),
    Mistake("last-sample-only", "only the last sample counts for the weights (= for +=)",
            "the mean over all samples", each("weights", _weights_of(-1)), rank=1),
    Mistake("last-sample-only", "only the last sample counts for the biases (= for +=)",
            "the mean over all samples", each("biases", _biases_of(-1)), rank=1),
    Mistake("weights-gradient-zero", "the gradient of the weights is forgotten (0)", rank=1,
            should="∂C/∂W^l = δ^l (a^{l-1})^T",
            spoils=each("weights", lambda f, l: 0 * f.true_weights(l))),
    Mistake("layer-never-filled", "the loop stops early and the layer's gradients stay 0",
            "the gradients of every layer", {"weights": lambda f, l: 0 * f.true_weights(l),
                                             "biases": lambda f, l: 0 * f.true_biases(l)}, rank=1),
    # the gradients of the biases
    Mistake("bias-gradient-zero", "the bias gradient is forgotten (0)", "∂C/∂b^l = δ^l",
            each("biases", lambda f, l: 0 * f.true_biases(l))),
    Mistake("bias-summed-over-units", "the bias gradient is summed over the units too: one number",
            "summed over the samples only", each("biases", lambda f, l: np.full_like(
                f.true_biases(l), f.true_biases(l).sum()))),
    Mistake("bias-averaged-over-units", "the bias gradient is averaged over the units too",
            "summed over the samples only", each("biases", lambda f, l: np.full_like(
                f.true_biases(l), f.true_biases(l).mean()))),
    Mistake("bias-not-summed", "the bias gradient is not summed over the samples of the batch",
            "∂C/∂b^l: the sum (or mean) of δ^l over the samples",
            each("biases", lambda f, l: f.counted(l))),
    Mistake("shared-bias-not-summed", "the gradient of a shared bias is not summed over its units",
            "∂C/∂b^l = Σ_j δ^l_j", each("biases", lambda f, l: f.counted(l).sum(axis=0)), shared),
    Mistake("shared-bias-averaged", "the gradient of a shared bias is averaged over its units",
            "∂C/∂b^l = Σ_j δ^l_j", each("biases", lambda f, l: f.counted(l).sum(axis=0).mean(
                keepdims=True)), shared),
    # the penalty
    Mistake("penalty-on-biases", "the penalty is added to the biases too", "weights only",
            {"bias_decay": lambda f, l: f.rate * f.point.b[l - 1]}),
    Mistake("penalty-missing", "the penalty is missing in the gradient", "∂C/∂W + λ W",
            each("decay", lambda f, l: 0 * f.true_decay(l))),
    Mistake("penalty-doubled", "the penalty's gradient is twice what the cost says",
            "½λ W² gives λ W", each("decay", lambda f, l: 2 * f.true_decay(l))),
    Mistake("penalty-halved", "the penalty's gradient is half of what the cost says",
            "λ W² gives 2 λ W", each("decay", lambda f, l: f.true_decay(l) / 2)),
    Mistake("penalty-not-averaged", "the penalty's gradient lacks the 1/m of the cost", "λ/m W",
            each("decay", lambda f, l: f.point.samples * f.true_decay(l))),
    Mistake("penalty-averaged", "the penalty's gradient has a 1/m that the cost has not", "λ W",
            each("decay", lambda f, l: f.true_decay(l) / f.point.samples)),
    Mistake("penalty-sign", "the penalty's gradient has the wrong sign", "∂C/∂W + λ W",
            each("decay", lambda f, l: -f.true_decay(l))),
)  # fmt: skip
