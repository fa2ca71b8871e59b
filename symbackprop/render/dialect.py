"""What a dialect (LaTeX, text, Typst) has to say: the look of a fraction, a script, a sign."""

from __future__ import annotations

from abc import ABC, abstractmethod

from symbackprop.render.rows import Piece, Row


class Dialect(ABC):
    """The look of each construction; the printers' walk decides where brackets and signs go."""

    @abstractmethod
    def letter(self, tex: str) -> str:
        """A letter of the notation table, given in TeX."""

    @abstractmethod
    def name(self, name: str) -> str:
        """A name that no table knows, made harmless."""

    @abstractmethod
    def scripted(self, base: str, above: str = "", below: str = "") -> Row:
        """A letter with its scripts."""

    @abstractmethod
    def group(self, inner: Row, kind: str = "()") -> Row:
        """Brackets around a row."""

    @abstractmethod
    def fraction(self, above: Row, below: Row) -> Row:
        """``above / below``."""

    @abstractmethod
    def slope(self, above: Row | None, below: Row) -> Row:
        """``∂above/∂below``, or the operator ``∂/∂below``."""

    @abstractmethod
    def nabla(self, by: Row, of: Row) -> Row:
        """``∇_by of``."""

    @abstractmethod
    def raised(self, base: Row, exponent: str) -> Row:
        """``base^exponent``; the caller has put the brackets."""

    @abstractmethod
    def bracketed(self, body: Row, above: str, below: str) -> Row:
        """``(body)`` with scripts: a vector given by its entries, the column of a product."""

    @abstractmethod
    def function(self, name: str, argument: Row) -> Row:
        """exp, log, erf, sqrt, abs, max0 (max(0, ·)) and step ([· > 0])."""

    @abstractmethod
    def big(self, sign: str, letter: str, first: str, last: str) -> Piece:
        """``sum``, ``layers`` (a sum over layers) or ``prod`` with its limits."""

    @abstractmethod
    def sign(self, name: str) -> Piece:
        """plus, minus, negative, times, dot, matmul, hadamard, comma."""

    @abstractmethod
    def relation(self, sign: str) -> str:
        """``=``, ``!=``, ``<`` or ``<=`` with its spaces."""


LETTER, SCRIPT, SIGN = 0.6, 0.42, 1.3  # em: a letter, a small one, a sign with its spaces


def separator(text: str, width: float, lead: str | None = None, more: float = 0.0) -> Piece:
    """A sign between operands: a line may end before it; ``more`` is what ``lead`` is wider."""
    return Piece(text, width, 0, text.lstrip() if lead is None else lead, width + more)
