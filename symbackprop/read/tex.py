r"""TeX files: definitions from everywhere, formulas from the body of the document."""

from __future__ import annotations

import re

from symbackprop.read import find, macros
from symbackprop.read.collect import Collector
from symbackprop.read.text import Text

_BODY = re.compile(r"^[^%\n]*?\\begin\s*\{document\}", re.MULTILINE)
_END = re.compile(r"^[^%\n]*?(?P<end>\\end\s*\{document\})", re.MULTILINE)
_PREAMBLE = re.compile(rf"\\\\|\\%|(?P<comment>%[^\n]*)|(?P<define>{macros.DEFINING})")


def take_tex(collector: Collector, text: Text) -> None:
    """A whole file, or a part of one without a preamble."""
    begin = _BODY.search(text.chars)
    start = begin.end() if begin else 0
    end = _END.search(text.chars, start)
    _preamble(collector, text.chars[:start])
    collector.take(text.cut(start, end.start("end") if end else len(text)), find.TEX)


def _preamble(collector: Collector, chars: str) -> None:
    at = 0
    while match := _PREAMBLE.search(chars, at):
        at = match.end()
        if match["define"]:
            macro, at = macros.defined(chars, match.start(), collector.known)
            if macro is not None:
                collector.known[macro.name] = macro
