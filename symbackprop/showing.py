"""In a notebook a checked derivation shows itself: formulas, reasons and verdicts."""

from __future__ import annotations

from typing import Any

from symbackprop.judge.verdict import Checked


def bundle(checked: Checked, **_: Any) -> dict[str, str]:
    """What Jupyter asks for: a page of MathML, and plain text for everything else."""
    from symbackprop.render import RENDERERS

    page = RENDERERS["html"](checked)
    inner = page[page.index("<style>") : page.index("</main>")]
    shown = inner.replace("</style>\n</head>\n<body>\n<main>", "</style><div>") + "</div>"
    return {"text/plain": RENDERERS["text"](checked), "text/html": shown}


def register() -> None:
    """The judge does not know who prints; what prints tells it here."""
    Checked._repr_mimebundle_ = bundle  # type: ignore[attr-defined]
