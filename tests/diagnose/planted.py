"""Mistakes planted into the corpus of correct code: what is replaced, by what, and its name.

A row is ``(old, new, id)``: the first ``old`` of the file is replaced; its line is the guilty one.
An empty id: wrong in a way that no row of the table describes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CODE = Path(__file__).parents[1] / "corpus" / "code"

# right for another cost than the one that was meant; without a stated cost it is no mistake
NEIGHBOUR = "right for a neighbouring cost"
# right with one output unit: the author must say how many there are
ONE_OUTPUT = "right with one output"

FUNCTIONS = {
    "class_of_columns": "Regressor.gradients",
    "columns_and_cache": "backward",
    "deep_rows": "backprop",
    "dictionary_of_rows": "loss_and_gradients",
    "full_jacobian": "backward",
    "in_place_without_biases": "train",
    "kept_as_attributes": "Model.backward",
    "layers_of_dictionaries": "backprop",
    "lists_by_column": "backprop",
    "mini_batches": "Network.update_mini_batch",
    "named_matrices": "ThreeLayers.train",
    "new_parameters": "step",
    "one_long_vector": "cost_function",
    "pairs_of_arrays": "gradients",
    "penalised_regression": "objective",
    "plain_loops": "gradient",
    "dictionary_in_a_class": "NeuralNetwork.backward",
    "alpha_is_a_penalty": "loss_grad",
    "a_cost_of_its_own": "pseudo_huber",
    "columns_of_theta": "nn_cost",
    "one_vector_and_a_rate": "Perceptron.train",
}

ROWS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "class_of_columns": (
        ("* (1 - acts[i] ** 2)", "* 1", "hidden-slope-missing"),
        ("(1 - acts[i] ** 2)", "(1 - np.tanh(acts[i]) ** 2)", "slope-at-activation"),
        ("(1 - acts[i] ** 2)", "(1 - acts[i])", "slope-not-squared"),
        ("(1 - acts[i] ** 2)", "(1 + acts[i] ** 2)", "slope-plus"),
        ("(1 - acts[i] ** 2)", "acts[i] * (1 - acts[i])", "slope-of-sigmoid"),
        ("(1 - acts[i] ** 2)", "acts[i]", "activation-for-slope"),
        ("(1 - acts[i] ** 2)", "(1 - acts[i] ** 2) ** 2", "slope-twice"),
        ("(acts[-1] - Y) / m", "np.abs(acts[-1] - Y) / m", "absolute-residual"),
        ("(acts[-1] - Y) / m", "(acts[-1] - Y) ** 2 / m", "squared-residual"),
        ("(acts[-1] - Y) / m", "acts[-1] / m", "targets-missing"),
        ("delta.sum(axis=1, keepdims=True)", "0 * delta.sum(axis=1, keepdims=True)", "bias-gradient-zero"),
        ("delta.sum(axis=1, keepdims=True)", "delta.sum()", "bias-summed-over-units"),
        ("delta.sum(axis=1, keepdims=True)", "m * delta.sum(axis=1, keepdims=True)", "biases-not-averaged"),
        ("delta.sum(axis=1, keepdims=True)", "-delta.sum(axis=1, keepdims=True)", "biases-sign"),
        ("(self.weights[i].T @ delta)", "-(self.weights[i].T @ delta)", "error-sign"),
        ("(self.weights[i].T @ delta)", "(self.weights[i].T @ acts[i + 1])", "activations-sent-back"),
    ),
    "columns_and_cache": (
        ("dZ2 = A2 - Y", "dZ2 = (A2 - Y) * A2 * (1 - A2)", NEIGHBOUR),
        ("dZ2 = A2 - Y", "dZ2 = A2 + Y - 2 * A2 * Y", "bce-sign"),
        ("dZ2 = A2 - Y", "dZ2 = np.abs(A2 - Y)", "absolute-residual"),
        ("(1 - np.power(A1, 2))", "(1 - np.power(cache['Z1'], 2))", "slope-formula-at-z"),
        ("(1 - np.power(A1, 2))", "A1 * (1 - A1)", "slope-of-sigmoid"),
        ("(1 - np.power(A1, 2))", "1", "hidden-slope-missing"),
        ("dW1 = np.dot(dZ1, X.T) / m", "dW1 = np.dot(dZ1, X.T)", "weights-not-averaged"),
        ("db1 = np.sum(dZ1, axis=1, keepdims=True) / m", "db1 = np.sum(dZ1, axis=1, keepdims=True)", "biases-not-averaged"),
        ("db2 = np.sum(dZ2, axis=1, keepdims=True) / m", "db2 = np.sum(dZ2) / m", ONE_OUTPUT),
        ("dW2 = np.dot(dZ2, A1.T) / m", "dW2 = np.dot(dZ2, cache['Z1'].T) / m", "weighted-input-below"),
        ("dW2 = np.dot(dZ2, A1.T) / m", "dW2 = np.dot(A1, dZ2.T).reshape(dZ2.shape[0], A1.shape[0]) / m", ONE_OUTPUT),
        ("dW2 = np.dot(dZ2, A1.T) / m", "dW2 = -np.dot(dZ2, A1.T) / m", "weights-sign"),
        ("dW1 = np.dot(dZ1, X.T) / m", "dW1 = np.dot(dZ1, X.T) / m / m", "weights-averaged-twice"),
        ("np.dot(W2.T, dZ2)", "np.dot(W2.T, A2)", "activations-sent-back"),
        ("np.dot(W2.T, dZ2)", "np.dot(W2, dZ2)", "weights-not-transposed"),
    ),
    "deep_rows": (
        ("dZ = (A[-1] - T) / N", "dZ = (A[-1] - T) * A[-1] * (1 - A[-1]) / N", "softmax-slope-extra"),
        ("dZ = (A[-1] - T) / N", "dZ = -T * (1 - A[-1]) / N", "softmax-diagonal-only"),
        ("dZ = (A[-1] - T) / N", "dZ = np.abs(A[-1] - T) / N", "absolute-residual"),
        ("dA * (Z[i - 1] > 0)", "dA * (A[i] >= 0)", "hidden-slope-missing"),
        ("dA * (Z[i - 1] > 0)", "dA * (dA > 0)", "mask-of-gradient"),
        ("dA * (Z[i - 1] > 0)", "dA * A[i]", "activation-for-slope"),
        ("dA * (Z[i - 1] > 0)", "dA * A[i] * (1 - A[i])", "slope-of-sigmoid"),
        ("dA = dZ @ Ws[i].T", "dA = dZ @ Ws[i]", "weights-not-transposed"),
        ("dA = dZ @ Ws[i].T", "dA = A[i + 1] @ Ws[i].T", "activations-sent-back"),
        ("dW[i] = A[i].T @ dZ", "dW[i] = dZ.T @ A[i]", "outer-transposed"),
        ("dW[i] = A[i].T @ dZ", "dW[i] = A[i + 1].T @ dZ", "own-activation"),
        ("dW[i] = A[i].T @ dZ", "dW[i] = A[0].T @ dZ", "input-in-every-layer"),
        ("dW[i] = A[i].T @ dZ", "dW[i] = (Z[i - 1] if i else X).T @ dZ", "weighted-input-below"),
        ("db[i] = np.sum(dZ, axis=0)", "db[i] = np.zeros_like(bs[i])", "bias-gradient-zero"),
        ("db[i] = np.sum(dZ, axis=0)", "db[i] = np.mean(dZ, axis=0)", "biases-averaged-twice"),
        ("e / np.sum(e, axis=1, keepdims=True)", "e / np.sum(e)", "softmax-over-batch"),
    ),
    "dictionary_of_rows": (
        ("dscores = probs.copy()", "dscores = probs * (1 - probs)", ""),
        ("+ reg * W2\n", "\n", "penalty-missing"),
        ("+ reg * W1\n", "- reg * W1\n", "penalty-sign"),
        ("+ reg * W1\n", "+ 2 * reg * W1\n", "penalty-doubled"),
        ('dscores.sum(axis=0)', 'dscores.sum(axis=0) + reg * b2', "penalty-on-biases"),
        ("dhidden * (scores1 > 0)", "dhidden", "hidden-slope-missing"),
        ("dhidden * (scores1 > 0)", "dhidden * (hidden >= 0)", "hidden-slope-missing"),
        ("dhidden * (scores1 > 0)", "dhidden * (dhidden > 0)", "mask-of-gradient"),
        ("hidden.T.dot(dscores)", "scores1.T.dot(dscores)", "weighted-input-below"),
        ("dscores1.sum(axis=0)", "dscores1.mean(axis=0)", "biases-averaged-twice"),
        ("dscores1.sum(axis=0)", "np.zeros_like(b1)", "bias-gradient-zero"),
    ),
    "full_jacobian": (
        ("np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))", "softmax-diagonal-only"),
        ("* (1 - np.tanh(z1) ** 2)", "* (1 - np.tanh(a1) ** 2)", "slope-at-activation"),
        ("* (1 - np.tanh(z1) ** 2)", "* (1 - z1 ** 2)", "slope-formula-at-z"),
        ("* (1 - np.tanh(z1) ** 2)", "", "hidden-slope-missing"),
        ("np.outer(d2, a1)", "np.outer(d2, z1)", "weighted-input-below"),
        ("np.outer(d2, a1)", "np.outer(a1, d2).reshape(W2.shape)", "reshaped-not-transposed"),
        ("np.outer(d1, x)", "np.outer(d1, np.ones_like(x))", "input-forgotten"),
        ("W2.T @ d2", "W2.T @ p", "activations-sent-back"),
        ("W2.T @ d2", "np.ones_like(W2).T @ (p * d2)", ""),
        ("db1 = d1", "db1 = np.full_like(d1, d1.mean())", "bias-averaged-over-units"),
    ),
    "in_place_without_biases": (
        ("nonlin(l2, deriv=True)", "1", NEIGHBOUR),
        ("l1_error * nonlin(l1, deriv=True)", "l1_error", "hidden-slope-missing"),
        ("l2_error = y - l2", "l2_error = l2 - y", "update-sign"),
        ("return x * (1 - x)", "return nonlin(x) * (1 - nonlin(x))", "slope-at-activation"),
        ("return x * (1 - x)", "return 1 - x ** 2", "slope-of-tanh"),
        ("l2_delta.dot(syn1.T)", "l2_error.dot(syn1.T)", "raw-error-sent-back"),
        ("l0.T.dot(l1_delta)", "l0.T.dot(l1_delta) * 2", "weights-doubled"),
        ("l2_error = y - l2", "l2_error = (y - l2) ** 2", "squared-residual"),
        ("l2_error = y - l2", "l2_error = np.abs(y - l2)", "absolute-residual"),
    ),
    "kept_as_attributes": (
        ("* (s + a1 * (1 - s))", "", "hidden-slope-missing"),
        ("* (s + a1 * (1 - s))", "* (s * (1 - s))", ""),
        ("* (s + a1 * (1 - s))", "* a1", "activation-for-slope"),
        ("a1.T @ d2", "z1.T @ d2", "weighted-input-below"),
        ("(out - y) / len(X)", "(out - y) ** 2 / len(X)", "squared-residual"),
        ("np.sum(d2, axis=0, keepdims=True)", "np.mean(d2, axis=0, keepdims=True)", "biases-averaged-twice"),
        ("d2 @ self.W2.T", "out @ self.W2.T", "activations-sent-back"),
        ("self.dW1 = X.T @ d1", "self.dW1 = 0 * X.T @ d1", "weights-gradient-zero"),
    ),
    "layers_of_dictionaries": (
        ("* leaky_slope(Z[i - 1])", "", "hidden-slope-missing"),
        ("* leaky_slope(Z[i - 1])", "* (Z[i - 1] > 0)", "slope-of-relu"),
        ('network[i]["W"].T', 'network[i]["W"]', "weights-not-transposed"),
        ("dZ @ A[i].T / m", "dZ @ A[i + 1].T / m", "own-activation"),
        ("dZ.sum(axis=1, keepdims=True) / m", "dZ.sum(axis=1, keepdims=True)", "biases-not-averaged"),
        ("dZ @ A[i].T / m", "dZ @ A[i].T", "weights-not-averaged"),
        ("dZ = A[-1] - Y", "dZ = np.sign(A[-1] - Y)", ""),
    ),
    "lists_by_column": (
        ("(activations[-1] - y) * sigmoid_prime(zs[-1])", "(activations[-1] - y) * sigmoid_prime(activations[-1])", "slope-at-activation"),
        ("(activations[-1] - y) * sigmoid_prime(zs[-1])", "(activations[-1] - y) * zs[-1] * (1 - zs[-1])", "slope-formula-at-z"),
        ("return sigmoid(z) * (1 - sigmoid(z))", "return z * (1 - z)", "slope-formula-at-z"),
        ("return sigmoid(z) * (1 - sigmoid(z))", "return sigmoid(z) * sigmoid(1 - z)", "mirrored-sigmoid"),
        ("return sigmoid(z) * (1 - sigmoid(z))", "return sigmoid(z)", "activation-for-slope"),
        ("delta) * sigmoid_prime(zs[-l])", "delta)", "hidden-slope-missing"),
        ("delta) * sigmoid_prime(zs[-l])", "delta) * sigmoid_prime(activations[-l])", "slope-at-activation"),
        ("delta) * sigmoid_prime(zs[-l])", "delta) * sigmoid_prime(zs[-l + 1])", "slope-of-next-layer"),
        ("weights[-l + 1].T, delta", "weights[-l + 1], delta", "weights-not-transposed"),
        ("weights[-l + 1].T, delta", "weights[-l].T, delta", "weights-of-wrong-layer"),
        ("weights[-l + 1].T, delta", "weights[-l + 1].T, activations[-l + 1]", "activations-sent-back"),
        ("np.dot(delta, activations[-2].T)", "np.dot(delta, activations[-1].T)", "own-activation"),
        ("np.dot(delta, activations[-2].T)", "np.dot(activations[-2], delta.T)", "outer-transposed"),
        ("np.dot(delta, activations[-l - 1].T)", "np.dot(delta, activations[-l].T)", "own-activation"),
        ("np.dot(delta, activations[-l - 1].T)", "np.dot(delta, x.T)", "input-in-every-layer"),
        ("grad_b[-l] = delta", "pass", "bias-gradient-zero"),
        ("len(weights) + 1)", "len(weights))", "layer-never-filled"),
        ("(activations[-1] - y) * sigmoid_prime(zs[-1])", "(activations[-1] - y) ** 2 * sigmoid_prime(zs[-1])", "squared-residual"),
    ),
    "mini_batches": (
        ("* a[l + 1] * (1 - a[l + 1])", "", "hidden-slope-missing"),
        ("* a[l + 1] * (1 - a[l + 1])", "* a[l + 1] ** 2 * (1 - a[l + 1]) ** 2", "slope-twice"),
        ("sum_w = [s + d for s, d in zip(sum_w, dw)]", "sum_w = dw", "last-sample-only"),
        ("sum_b = [s + d for s, d in zip(sum_b, db)]", "sum_b = db", "last-sample-only"),
        ("b - eta / len(mini_batch) * s", "b - eta * s", "biases-not-averaged"),
        ("w - eta / len(mini_batch) * s", "w - eta * s", "weights-not-averaged"),
        ("b - eta / len(mini_batch) * s", "b + eta / len(mini_batch) * s", "biases-sign"),
        ("delta = a[-1] - y", "delta = (a[-1] - y) * a[-1] * (1 - a[-1]) * a[-1] * (1 - a[-1])", "output-slope-twice"),
        ("delta @ a[l].T", "delta @ a[l + 1].T", "own-activation"),
        ("(self.weights[l + 1].T @ delta)", "(self.weights[l + 1] @ delta)", "weights-not-transposed"),
    ),
    "named_matrices": (
        ("np.dot(self.who.T, output_delta)", "np.dot(self.who.T, targets - final)", "raw-error-sent-back"),
        ("* hidden * (1 - hidden)", "", "hidden-slope-missing"),
        ("(targets - final) * final * (1 - final)", "(final - targets) * final * (1 - final)", "update-sign"),
        ("np.dot(output_delta, hidden.T)", "2 * np.dot(output_delta, hidden.T)", "weights-doubled"),
        ("(targets - final) * final * (1 - final)", "(targets - final) ** 2 * final * (1 - final)", "squared-residual"),
        ("np.dot(self.who.T, output_delta)", "np.dot(self.who, output_delta)", "weights-not-transposed"),
    ),
    "new_parameters": (
        ("(e3 @ W3.T) * h2 * (1 - h2)", "(e3 @ W3.T)", "hidden-slope-missing"),
        ("(e2 @ W2.T) * h1 * (1 - h1)", "(e2 @ W2.T)", "hidden-slope-missing"),
        ("(e3 @ W3.T) * h2 * (1 - h2)", "-(e3 @ W3.T) * h2 * (1 - h2)", "error-sign"),
        ("(out - Y) * out * (1 - out)", "(out - Y) * out", "activation-for-slope"),
        ("lr * (h2.T @ e3) / n", "lr * (h2.T @ e3)", "weights-not-averaged"),
        ("lr * e2.mean(axis=0, keepdims=True)", "lr * e2.sum(axis=0, keepdims=True)", "biases-not-averaged"),
        ("lr * e1.mean(axis=0, keepdims=True)", "lr * e1.mean()", "bias-averaged-over-units"),
        ("(h1.T @ e2)", "(h2.T @ e2)", "own-activation"),
        ("(e2 @ W2.T) * h1 * (1 - h1)", "(e2 @ W2.T) * h2 * (1 - h2)", "slope-of-next-layer"),
        ("(e2 @ W2.T)", "(e2 @ W3.T)", ""),
        ("    e2 = (e3 @ W3.T)", "    W3 = W3 - lr * (h2.T @ e3) / n\n    e2 = (e3 @ W3.T)", ""),
    ),
    "one_long_vector": (
        ("d2.T @ a1 / m", "d2.T @ a1", "weights-not-averaged"),
        ("d3 = a3 - y", "d3 = (a3 - y) * a3 * (1 - a3)", "output-slope-extra"),
        ("* g(z2) * (1 - g(z2))", "", "hidden-slope-missing"),
        ("Theta1_grad[:, 1:] += lambda_ / m * Theta1[:, 1:]", "Theta1_grad += lambda_ / m * Theta1", "penalty-on-biases"),
        ("Theta2_grad[:, 1:] += lambda_ / m * Theta2[:, 1:]", "Theta2_grad[:, 1:] += lambda_ * Theta2[:, 1:]", "penalty-not-averaged"),
        ("Theta2_grad[:, 1:] += lambda_ / m * Theta2[:, 1:]", "Theta2_grad[:, 1:] -= lambda_ / m * Theta2[:, 1:]", "penalty-sign"),
        ("Theta2_grad[:, 1:] += lambda_ / m * Theta2[:, 1:]", "pass", "penalty-missing"),
        ("* g(z2) * (1 - g(z2))", "* z2 * (1 - z2)", "slope-formula-at-z"),
    ),
    "pairs_of_arrays": (
        ("/ (1 + np.exp(-zs[i - 1]))", "", "hidden-slope-missing"),
        ("outputs[i].T @ delta, ", "(zs[i - 1] if i else inputs).T @ delta, ", "weighted-input-below"),
        ("delta.sum(axis=0)))", "delta.mean(axis=0)))", "biases-averaged-twice"),
        ("delta @ W.T", "delta @ W", "weights-not-transposed"),
        ("2 * (outputs[-1] - targets)", "2 * np.abs(outputs[-1] - targets)", "absolute-residual"),
        ("/ (1 + np.exp(-zs[i - 1]))", "* outputs[i]", "activation-for-slope"),
    ),
    "penalised_regression": (
        ("+ lam / m * W2\n", "\n", "penalty-missing"),
        ("+ lam / m * W1\n", "+ lam * W1\n", "penalty-not-averaged"),
        ("gb2 = D2.mean(axis=0)", "gb2 = D2.mean(axis=0) + lam / m * b2", "penalty-on-biases"),
        ("* (1 - A1 * A1)", "* (1 - A1)", "slope-not-squared"),
        ("* (1 - A1 * A1)", "", "hidden-slope-missing"),
        ("D2.mean(axis=0)", "D2.sum(axis=0)", "biases-not-averaged"),
        ("D1.mean(axis=0)", "D1.mean() * np.ones_like(b1)", "bias-averaged-over-units"),
        ("D2 = A2 - Y", "D2 = A2", "targets-missing"),
        ("+ lam / m * W1\n", "+ lam / (2 * m) * W1\n", "penalty-halved"),
    ),
    "plain_loops": (
        ("back += W2[i][j] * d_out[i]", "back = W2[i][j] * d_out[i]", "last-weight-only"),
        ("back += W2[i][j] * d_out[i]", "back += d_out[i]", "weights-forgotten"),
        ("back += W2[i][j] * d_out[i]", "back += W2[i][j] * out[i]", "activations-sent-back"),
        ("back += W2[i][j] * d_out[i]", "back += W2[i][j] * (out[i] - y[i])", "raw-error-sent-back"),
        ("back * hidden[j] * (1 - hidden[j])", "back", "hidden-slope-missing"),
        ("back * hidden[j] * (1 - hidden[j])", "back * sigmoid(hidden[j]) * (1 - sigmoid(hidden[j]))", "slope-at-activation"),
        ("* out[i] * (1 - out[i])", "", NEIGHBOUR),
        ("d_hidden[j] * x[k]", "d_hidden[j]", "input-forgotten"),
        ("d_out[i] * hidden[j]", "d_out[i] * hidden[i]", ""),
        ("(out[i] - y[i]) *", "abs(out[i] - y[i]) *", "absolute-residual"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """One wrong file: its style, its text, the line that was changed, the name of the mistake."""

    style: str
    number: int
    text: str
    line: int
    id: str

    @property
    def function(self) -> str:
        return FUNCTIONS[self.style]

    def __str__(self) -> str:
        return f"{self.style}-{self.number}-{self.id or 'unnamed'}"


def planted() -> list[Planted]:
    """Every row as a file."""
    found = []
    for style, rows in ROWS.items():
        text = (CODE / f"{style}.py").read_text(encoding="utf-8")
        for number, (old, new, name) in enumerate(rows):
            place = text.index(old)
            wrong = text[:place] + new + text[place + len(old) :]
            found.append(Planted(style, number, wrong, text[:place].count("\n") + 1, name))
    return found
