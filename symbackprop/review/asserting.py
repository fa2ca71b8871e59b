"""``assert_proved``: a formula in somebody's test, with the words of ``symbackprop check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.review.report import FileReport

if TYPE_CHECKING:
    from symbackprop.networks.network import Network


def assert_proved(
    tex: str, network: Network | None = None, *, notation: str | None = None, **assumptions: object
) -> None:
    r"""Raise AssertionError unless every claim in ``tex`` is proved.

    ``tex``: formulas between dollars, or one formula in each line.  ``network`` says what σ, C and
    the shapes are; ``assumptions`` are the keys of a front matter: ``activation="tanh"``,
    ``cost="mse"``, ``einstein=True``, ``letters={r"\hat y": "output"}``.

    >>> assert_proved(r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)")
    """
    __tracebackhide__ = True
    from symbackprop.read.assumptions import assumptions_of
    from symbackprop.read.documents import read_string
    from symbackprop.review.document import check_document

    declared = assumptions_of(_said_by(network) | assumptions)
    file = check_document(read_string(tex, "tex", declared), notation=notation)
    if problem := trouble(file):
        raise AssertionError(f"not proved\n{problem}")


def trouble(file: FileReport) -> str:
    """Why a document is not proved, in the words of the terminal report; "" if it is."""
    from symbackprop.review.show import text, wording

    open_lines = [line for line in wording.claims_of(file) if line.verdict != "proved"]
    if open_lines:
        return text.told(file, open_lines)
    return wording.caution(file)


def _said_by(network: Network | None) -> dict[str, object]:
    """A network as a front matter."""
    if network is None:
        return {}
    said: dict[str, object] = {
        "layers": network.layers,
        "activation": network.activation,
        "cost": network.cost,
        "biases": network.biases,
        "l2": network.l2,
    }
    if network.batch is not None:
        said |= {"batch": network.batch, "reduction": network.reduction}
    return {key: value for key, value in said.items() if value not in (None, "unspecified")}
