"""The classic mistakes of people who derive backpropagation, by name.

The numbers of a catalogue are those of the table in docs/mistakes.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """``id`` as users and JSON see it; ``says`` one sentence about what went wrong.

    ``rank``: of two edits that both make a line true, the one of lower rank is named.
    """

    id: str
    says: str
    rank: int = 5


_ROWS = (
    Mistake("transposed-weight", "The indices of a weight are the wrong way round, or its matrix "
            "must be transposed: an error goes back against the direction of the weights.", 2),
    Mistake("transposed-outer-product", "The outer product is the wrong way round: the error "
            "belongs to the rows, the activation to the columns.", 2),
    Mistake("slope-of-wrong-layer", "The slope σ' belongs to another layer.", 2),
    Mistake("slope-dropped", "A slope σ'(z) is missing: the derivative passes through the "
            "activation function.", 2),
    Mistake("extra-slope", "There is a slope σ' too many: it has cancelled, or it is already in "
            "the error.", 3),
    Mistake("slope-at-activation", "The slope is taken at the activation a instead of the "
            "weighted input z.", 0),
    Mistake("derivative-dropped", "A prime is missing: σ stands where its derivative σ' "
            "belongs.", 1),
    Mistake("extra-derivative", "A prime too many: σ' stands where σ itself belongs.", 1),
    Mistake("weighted-input-for-activation", "The weighted input z stands where the activation a "
            "belongs.", 1),
    Mistake("activation-for-weighted-input", "The activation a stands where the weighted input z "
            "belongs.", 3),
    Mistake("activation-of-wrong-layer", "The activation belongs to another layer.", 2),
    Mistake("error-of-wrong-layer", "The error belongs to another layer.", 2),
    Mistake("weight-of-wrong-layer", "The weights belong to another layer.", 2),
    Mistake("wrong-variable", "Another quantity belongs here.", 4),
    Mistake("index-swapped", "An index stands in the wrong place.", 4),
    Mistake("sum-dropped", "A sum is missing: the quantity acts through every one of them, not "
            "through one.", 3),
    Mistake("extra-sum", "A sum too many: only one of its terms belongs here.", 4),
    Mistake("softmax-diagonal-only", "Only the diagonal of the Jacobian of softmax is used; every "
            "output depends on every z.", 1),
    Mistake("tanh-slope-as-sigmoid", "a(1 - a) is the slope of the sigmoid; that of tanh is "
            "1 - a².", 1),
    Mistake("sigmoid-slope-as-tanh", "1 - a² is the slope of tanh; that of the sigmoid is "
            "a(1 - a).", 1),
    Mistake("power-dropped", "A square is missing.", 3),
    Mistake("extra-power", "A square too many.", 3),
    Mistake("one-minus-dropped", "u stands where 1 - u belongs.", 3),
    Mistake("target-and-output-swapped", "Target and output are swapped in a difference: the sign "
            "is wrong.", 1),
    Mistake("sign", "A sign is wrong.", 2),
    Mistake("factor-2", "A factor of 2 or ½ is wrong: it comes from the square in the cost.", 3),
    Mistake("missing-1/m", "The mean over the samples is missing: a factor 1/m.", 3),
    Mistake("1/m-twice", "The mean over the samples is taken twice: a factor 1/m too many.", 3),
    Mistake("missing-1/n_L", "The mean over the outputs is missing: a factor 1/n_L.", 3),
    Mistake("1/n_L-twice", "The mean over the outputs is taken once too often.", 3),
    Mistake("missing-1/n", "A factor 1/n is missing.", 3),
    Mistake("extra-1/n", "A factor 1/n too many.", 3),
    Mistake("penalty-factor", "The factor of the penalty is wrong.", 2),
    Mistake("penalty-dropped", "The derivative of the penalty is missing.", 3),
    Mistake("penalty-on-bias", "The penalty does not contain the biases.", 2),
    Mistake("extra-term", "A term too many.", 5),
    Mistake("hadamard-for-matmul", "⊙ stands where a matrix product belongs.", 2),
    Mistake("matmul-for-hadamard", "A matrix product stands where ⊙ belongs.", 2),
    Mistake("factors-in-wrong-order", "The factors of a matrix product are in the wrong order.", 3),
    Mistake("chain-upside-down", "A derivative of the chain is upside down.", 0),
    Mistake("factor-dropped", "A factor is missing.", 5),
    Mistake("extra-factor", "A factor too many.", 4),
)  # fmt: skip
MISTAKES: dict[str, Mistake] = {row.id: row for row in _ROWS}
