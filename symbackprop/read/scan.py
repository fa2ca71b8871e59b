"""From the characters of a row to the words of the grammar, in one pass from left to right.

Whatever a grammar without a memory cannot know is settled here, with a stack of the open brackets:
which bar opens and which closes, what belongs to which ``\\left``, whether a comma separates
arguments or ends the formula, how deep the row is nested.  So an error points at the bracket that
was never closed, and no later stage runs out of stack.
"""

from __future__ import annotations

from symbackprop.read.layout import Big, Differential, Nabla, Name, Number, Sign
from symbackprop.read.lexemes import OPERAND_ENDS, Lexeme
from symbackprop.read.lexicon import THEREFORE
from symbackprop.read.settle import settle
from symbackprop.read.unreadable import MAX_CHARACTERS, MAX_SUMS, Unreadable, over_limit
from symbackprop.read.words import Words


def scan(text: str) -> list[Lexeme]:
    """The lexemes of a row, brackets balanced, every command known, limits kept."""
    if len(text) > MAX_CHARACTERS:
        what = f"the row has {len(text):,} characters, the limit is {MAX_CHARACTERS:,}"
        raise over_limit(MAX_CHARACTERS, what, "split it into several rows")
    scanner = Scanner(text)
    scanner.read(len(text))
    if len(scanner.levels) > 1:
        raise scanner.never_closed("the end of the row")
    scanner.pop()
    return settle(scanner.lexemes)


class Scanner(Words):
    """A method ``take_…`` for each kind of entry in the lexicon."""

    # --- factors --------------------------------------------------------------------------------

    def take_primes(self, word: str) -> None:
        if self.last not in OPERAND_ENDS:
            raise Unreadable(self.start, "a prime hangs at nothing", "a letter before it")
        self.emit("PRIMES", value=word)

    def take_script(self, sign: str) -> None:
        self.emit("SUB" if sign == "_" else "SUP")

    sums = 0

    def take_big(self, kind: str) -> None:
        self.sums += 1
        if self.sums > MAX_SUMS:
            raise over_limit(self.start, f"more than {MAX_SUMS} sums in one row", "split the row")
        self.emit("ATOM", Big(kind, span=self.span))

    def take_partial(self, kind: str) -> None:
        self.emit("ATOM", Differential(kind, span=self.span))

    def take_nabla(self, _: str) -> None:
        self.font_for_next = ()
        self.emit("ATOM", Nabla(span=self.span))

    def take_differential(self, kind: str) -> None:
        self.emit("ATOM", Name(kind, ("upright",), span=self.span))

    def take_frac(self, _: str) -> None:
        self.emit("FRAC")

    def take_over(self, _: str) -> None:
        if self.levels[-1].top:
            raise Unreadable(self.start, "\\over stands outside braces", "{a \\over b}")
        self.emit("OVER")

    def take_sqrt(self, _: str) -> None:
        if self.follows(r"\s*\["):
            raise Unreadable(self.start, "only square roots are read", "\\sqrt{…}")
        self.emit("SQRT")

    def take_derivative(self, kind: str) -> None:
        r"""``\pdv[2]{C}{w}`` and ``\dv*{y}{x}`` of the physics package."""
        star = self.follows(r"\*")
        self.emit("PDV", value=kind)
        self.at = star.end() if star else self.at
        option = self.follows(r"\s*\[\s*([0-9A-Za-z])\s*\]")
        if option:
            self.start, self.at = self.at, option.end()
            order = option[1]
            node = Number(order, span=self.span) if order.isdigit() else Name(order, span=self.span)
            self.emit("OPTION", node)

    # --- signs and relations --------------------------------------------------------------------

    def take_sign(self, kind: str) -> None:
        node = Sign(kind, span=self.span)
        self.emit("ATOM" if kind == "dots" else "SIGN", node)

    def take_plus(self, sign: str) -> None:
        kind = "PLUS" if sign == "+" else "MINUS"
        if kind == "MINUS" and self.last in ("SIGN", "PLUS", "MINUS"):
            kind = "NEGATE"  # 2 \cdot -1
        self.emit(kind)

    def take_relation(self, kind: str) -> None:
        if not self.lexemes and self.word.lstrip("\\") in THEREFORE:
            self.take_words("therefore")
            return
        self.emit("REL", value=kind)

    def take_negation(self, _: str) -> None:
        equals = self.follows(r"\s*=")
        if equals is None:
            raise Unreadable(self.start, "\\not is read before = only", "\\neq")
        self.at = equals.end()
        self.emit("REL", value="neq")

    # --- separators -----------------------------------------------------------------------------

    def take_comma(self, _: str) -> None:
        self.emit("MARK" if self.levels[-1].top else "COMMA", value=",")

    def take_colon(self, _: str) -> None:
        r"""Behind a formula it separates; in ``W_{:,j}`` it stands for a whole row or column."""
        level = self.levels[-1]
        if level.top:
            self.emit("MARK", value=":")
            return
        if not level.script and level.kind != "[":
            raise Unreadable(self.start, "a colon stands inside a formula", "'=' or ','")
        self.emit("ATOM", Name(":", span=self.span))

    def take_stop(self, sign: str) -> None:
        if not self.levels[-1].top or sign == "!":
            raise Unreadable(self.start, f"'{sign}' stands inside a formula", "\\cdot or ','")
        self.emit("MARK", value=".")

    def take_quad(self, _: str) -> None:
        if self.levels[-1].top and not self.levels[-1].wanted:
            self.emit("MARK", value=" ")

    def take_wide_skip(self, _: str) -> None:
        r"""``\hspace{1cm}`` separates as a \quad does."""
        self.argument()
        self.take_quad("")

    def take_substack(self, _: str) -> None:
        r"""The rows of ``\substack{…}`` are read as if commas stood between them."""
        self.take_transparent("")

    def take_refused(self, expected: str) -> None:
        raise Unreadable(self.start, f"{self.word} stands in a formula", expected)
