"""Text of others made harmless for each format; what cannot be shown becomes ``[U+…]``."""

from __future__ import annotations

import html
import json
import re
import unicodedata

from symbackprop.render.symbols import GREEK

_TEX_SPECIALS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}  # fmt: skip
_TEX_MATHS = {
    "∂": r"\partial", "∇": r"\nabla", "Σ": r"\Sigma", "∏": r"\prod", "Π": r"\Pi", "Δ": r"\Delta",
    "≠": r"\neq", "≤": r"\leq", "≥": r"\geq", "·": r"\cdot", "×": r"\times", "⊙": r"\odot",
    "∘": r"\circ", "→": r"\to", "∈": r"\in", "∞": r"\infty", "√": r"\surd", "−": "-", "±": r"\pm",
    "‖": r"\Vert", "′": "'", "ᵀ": r"^{\top}", "ⁿ": "^{n}", "⁻": "^{-}", "½": r"\frac{1}{2}",
    "←": r"\leftarrow", "≈": r"\approx", "✓": r"\checkmark", "✗": r"\times", "∀": r"\forall",
    **{sup: f"^{{{digit}}}" for digit, sup in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{sub: f"_{{{digit}}}" for digit, sub in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{char: "\\" + name for name, char in GREEK.items()},
}  # fmt: skip
_TEX_TEXTS = {
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\dots{}", "\xa0": "~",
    "§": r"\S{}", "©": r"\textcopyright{}", "°": r"\textdegree{}",
    **{
        ring: rf"\textcircled{{\raisebox{{-0.1ex}}{{\scriptsize {digit}}}}}"
        for digit, ring in enumerate("①②③④⑤⑥⑦⑧⑨", start=1)
    },
}  # fmt: skip
_LATIN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğĹĺŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž¡¿«»"
)
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKDOWN = re.compile(r"([\\`*_\[\]#|<>~$&])")


def named(char: str) -> str:
    """``[U+1F600]``: a character that cannot be shown."""
    return f"[U+{ord(char):04X}]"


def visible(text: str) -> str:
    """Text without control characters and without marks that turn the reading direction."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(map(_harmless, spaced))


def verbatim(code: str) -> str:
    """Lines of a program: as ``visible``, but what is blank stays as it is (a tab is four)."""
    return "".join(c if c == "\n" else _harmless(c) for c in code.expandtabs(4))


def _harmless(char: str) -> str:
    return named(char) if char in _DIRECTION or not _shown(char) else char


def _shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def escape_tex(text: str) -> str:
    """For the text of a TeX document that a plain pdfLaTeX compiles."""
    return "".join(map(_tex, visible(text)))


def _tex(char: str) -> str:
    if char in _TEX_SPECIALS:
        return _TEX_SPECIALS[char]
    if char in _TEX_MATHS:
        return rf"\ensuremath{{{_TEX_MATHS[char]}}}"
    if char in _TEX_TEXTS:
        return _TEX_TEXTS[char]
    return char if char.isascii() or char in _LATIN else named(char)


def escape_html(text: str) -> str:
    """For HTML text and attributes."""
    return html.escape(visible(text), quote=True)


def escape_markdown(text: str) -> str:
    """For GitHub's Markdown, also inside a table."""
    return _MARKDOWN.sub(_markdown, visible(text))


def _markdown(mark: re.Match[str]) -> str:
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;"}.get(mark[1], "\\" + mark[1])


def escape_typst(text: str) -> str:
    """A string in Typst's code: printed, never run."""
    return json.dumps(visible(text), ensure_ascii=False)
