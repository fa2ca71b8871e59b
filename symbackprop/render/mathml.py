"""Our own LaTeX as MathML, through math-core; the only module that knows of it.

math-core refuses what it does not know.  It gets only what our printer makes (never text of a
stranger), so a refusal is shown as escaped source and not hidden.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from symbackprop.render.escape import escape_html

if TYPE_CHECKING:
    from math_core import LatexToMathML

# browsers shrink a prime that is already small: it stands beside its letter instead
_PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)<mo>([′″‴])</mo></msup>")
_PRIMED_LOW = re.compile(
    r"<msubsup>(<mi>[^<]*</mi>)(<m[in]>[^<]*</m[in]>)<mo>([′″‴])</mo></msubsup>"
)
_PRIME = r'<mrow>\1<mo lspace="0" rspace="0">%s</mo></mrow>'


@cache
def _converter() -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False)


@cache
def inline(tex: str) -> str:
    """``<math>…</math>`` for the running text."""
    return _converted(tex)


@cache
def displayed(tex: str) -> str:
    """``<math>…</math>`` in display style that stays on its line: sums carry limits."""
    return _converted(tex).replace("<math>", '<math displaystyle="true">', 1)


def _converted(tex: str) -> str:
    from math_core import LatexError

    try:
        made = _converter().convert_with_local_state(tex, displaystyle=False)
    except LatexError:
        return f'<code class="tex">{escape_html(tex)}</code>'
    made = _PRIMED_LOW.sub("<msub>" + _PRIME % r"\3" + r"\2</msub>", made)
    return _PRIMED.sub(_PRIME % r"\2", made)
