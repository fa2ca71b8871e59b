"""A report made by hand, with a line of every kind, and the document that it speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from symbackprop.review.report import Case, FileReport, Line

SOURCE = r"""+++
title = "Week 3"
+++
# Backpropagation, week 3

We write $z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$ for the weighted input.

$$
\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) \tag{1}
$$

<!-- a remark that nobody sees -->

\begin{align}
\delta^l_j &= \sum_k w^{l+1}_{jk} \delta^{l+1}_k \sigma'(z^l_j) \tag{2} \\
           &= \sum_k w^{l+1}_{jk}
       \delta^{l+1}_k \sigma'(z^l_j)
\end{align}

- Hence $\frac{\partial C}{\partial b^l_j} = \delta^l_j$, and
- the weights: $\frac{\partial C}{\partial w^l_{jk}} = \delta^l_j$.

A <b>quotation</b> with $x = \foo{3}$ and a ![picture](https://example.org/a.png).

```python
W -= eta * delta  # $not = mathematics$
```

The cost is $C = \tfrac12 \sum_j (a^L_j - y_j)^2$.
"""
SAME = "The indices of w are swapped"


def place(text: str) -> tuple[int, int]:
    """Line and column, from 1, of the first occurrence."""
    at = SOURCE.index(text)
    return SOURCE.count("\n", 0, at) + 1, at - SOURCE.rfind("\n", 0, at)


def line(tex: str, verdict: str = "proved", caret: str = "", **said: Any) -> Line:
    row, column = place(tex)
    if caret:
        caret_line, start = place(caret)
        said |= {"caret_line": caret_line, "caret": start, "caret_end": start + len(caret)}
    role = "claim" if verdict else "definition"
    known = {"tag": "", "line": row, "column": column, "tex": tex, "role": role}
    return Line(**{**known, "verdict": verdict, **said})


LINES = (
    line(r"z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j", ""),
    line(
        r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) \tag{1}",
        tag="1", scope="every width, every depth", bound="< 2^-118", follows="yes",
    ),
    line(
        r"\delta^l_j &= \sum_k w^{l+1}_{jk} \delta^{l+1}_k \sigma'(z^l_j) \tag{2}", "refuted",
        tag="2", caret="w^{l+1}_{jk}", mistake="transposed-weight", mistake_says=SAME,
        message="the two sides differ",
        repair=r"\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)",
        witness=Case((2, 3, 2), 1, {"j": 2}, {"x": "[1, 2]"}, "3/8", "-5/12"),
    ),
    line(
        "&= \\sum_k w^{l+1}_{jk}\n       \\delta^{l+1}_k \\sigma'(z^l_j)", "refuted",
        caret="\\delta^{l+1}_k \\sigma'(z^l_j)\n", message="the same", follows="inherits",
        inherits_from="2",
    ),
    line(
        r"\frac{\partial C}{\partial b^l_j} = \delta^l_j", follows="does-not-follow",
        inherits_from="2",
    ),
    line(
        r"\frac{\partial C}{\partial w^l_{jk}} = \delta^l_j", "ill-typed", expected=("sum-dropped",),
        message="the index k is free on the left side only",
    ),
    line(r"x = \foo{3}", "not-understood", caret=r"\foo", message=r"\foo is not known"),
    line(r"C = \tfrac12 \sum_j (a^L_j - y_j)^2", "undecided", message="no answer within 10 s"),
)  # fmt: skip


@pytest.fixture
def report() -> FileReport:
    return FileReport(
        path="notes/week 3.md",
        verdict="refuted",
        first_wrong="2",
        assumed=("w^l_{jk} goes from k in layer l-1 to j in layer l", "σ is any function"),
        lines=LINES,
        seed=4711,
        source=SOURCE,
    )


@pytest.fixture
def proved(tmp_path: Path) -> FileReport:
    return FileReport("good.md", "proved", None, (), LINES[:2], 1, SOURCE)
