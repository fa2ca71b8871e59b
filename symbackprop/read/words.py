"""Letters and their dress, names of several letters, and words between formulas."""

from __future__ import annotations

import re

from symbackprop.read.delimiters import Delimiters
from symbackprop.read.layout import Name, Number, Text
from symbackprop.read.lexemes import ARGUMENT, Level, Lexeme
from symbackprop.read.lexicon import CHARACTERS, CONNECTIVES, WORD_FONTS
from symbackprop.read.unreadable import MAX_DIGITS, Unreadable, over_limit

WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:(?:\\_|[_-])[A-Za-z0-9]+)*$")
PLAIN_WORDS = re.compile(r"[A-Za-z .,'-]+$")
DOLLAR = re.compile(r"(?<!\\)\$")
SPACING = re.compile(r"\\[,;:! ]|~")


class Words(Delimiters):
    """The part of the scanner that reads names, fonts and text."""

    in_words = False

    # --- letters and numbers --------------------------------------------------------------------

    def take_letter(self, word: str) -> None:
        r"""A letter; ``\mathrm`` joins a run of them, ``\mathbf`` one of three or more."""
        self.reach_back()
        alone = bool(self.font_for_next)  # \mathbf xy is a bold x and a y
        marks = self.marks()
        if marks and not alone:
            run = self.follows("[A-Za-z]*")
            longer = word + run.group() if run else word
            if marks[-1] in WORD_FONTS.values() or (marks[-1] == "mathbf" and len(longer) > 2):
                word, self.at = longer, self.start + len(longer)
        self.emit("ATOM", Name(word, marks, span=self.span))

    def take_symbol(self, word: str) -> None:
        self.reach_back()
        self.emit("ATOM", Name(word, self.marks(), span=self.span))

    def take_function(self, word: str) -> None:
        self.font_for_next = ()
        self.emit("ATOM", Name(word, ("upright",), span=self.span))

    def take_number(self, word: str) -> None:
        r"""``\frac12`` and ``x_12``: an argument without braces is one digit."""
        if self.levels[-1].wanted and len(word) > 1 and word[0] != ".":
            word, self.at = word[0], self.start + 1
        if len(word) > MAX_DIGITS:
            what = f"a number has more than {MAX_DIGITS} digits"
            raise over_limit(self.start, what, "write it with fewer digits")
        if self.follows(r"\{,\}[0-9]{3}"):
            raise Unreadable(self.start, "digits are grouped by {,}", "1000 for 1{,}000")
        self.reach_back()
        marks = self.marks()
        bold = marks and not self.levels[-1].script and word in ("0", "1")
        node = Name(word, marks, span=self.span) if bold else Number(word, span=self.span)
        self.emit("ATOM", node)

    def take_circled(self, _: str) -> None:
        inner = self.argument()
        self.emit("ATOM", Name(inner, ("circled",), span=self.span))

    def take_accent(self, mark: str) -> None:
        self.emit("ACCENT", value=mark)

    # --- fonts ----------------------------------------------------------------------------------

    def marks(self) -> tuple[str, ...]:
        """The fonts that dress the next letter; scripts do not inherit those of their base."""
        own, self.font_for_next = self.font_for_next, ()
        inherited = () if self.last in ("SUB", "SUP") else self.levels[-1].fonts
        return tuple(dict.fromkeys(mark for mark in (*inherited, *own) if mark))

    def take_font(self, mark: str) -> None:
        self.font_start = self.font_start if self.font_for_next else self.start
        self.font_for_next = tuple(dict.fromkeys((*self.font_for_next, mark)))

    def take_switch(self, mark: str) -> None:
        r"""``{\rm th}``: to the end of the group."""
        level = self.levels[-1]
        level.fonts = tuple(dict.fromkeys((*level.fonts, mark)))

    def take_word_font(self, mark: str) -> None:
        r"""``\mathrm{softmax}`` is one name; what is no word is read on in that font."""
        back = self.at
        inner = SPACING.sub("", self.argument())
        if self._is_name(inner):
            self._name(inner, mark)
        elif inner.lower() in CONNECTIVES or (" " in inner and PLAIN_WORDS.match(inner)):
            self.take_words(inner)
        else:
            self.at = back
            self.take_font(mark)

    def _is_name(self, word: str) -> bool:
        r"""``\text{out}`` is a name, ``\text{if}`` is not, but ``W_{\text{in}}`` is."""
        if not WORD.match(word):
            return False
        script = self.levels[-1].script or self.last in ("SUB", "SUP")
        return script or word.lower() not in CONNECTIVES

    def _name(self, word: str, mark: str) -> None:
        self.reach_back()
        marks = tuple(dict.fromkeys((*self.marks(), mark)))
        self.emit("ATOM", Name(word.replace("\\_", "_"), marks, span=self.span))

    # --- words ----------------------------------------------------------------------------------

    def take_words(self, words: str) -> None:
        node = Text(words, span=self.span)
        self.emit("MARK" if self.levels[-1].top else "ATOM", node)

    def take_text(self, _: str) -> None:
        r"""``\text{…}``: a name, words, words around formulas, or mere punctuation."""
        inner = self.argument()
        words = re.sub(r"\\ |~|\s+", " ", inner).strip()
        if DOLLAR.search(inner):
            self._words_and_formulas()
        elif self._is_name(words.rstrip("'")):
            self._name(words.rstrip("'"), "upright")
            if words.endswith("'"):  # \text{softmax'}(z)
                self.emit("PRIMES", value=words[len(words.rstrip("'")) :])
        elif words.strip(" .,;:"):
            self.take_words(words)
        else:
            for sign in words.replace(" ", ""):
                getattr(self, f"take_{CHARACTERS[sign][0]}")(sign)

    def _words_and_formulas(self) -> None:
        r"""``\text{if $k = j$}``: words and formulas by turns."""
        if self.in_words:
            raise Unreadable(self.start, "\\text stands in a formula inside \\text", "words")
        self.in_words = True
        start, end = self.start, self.at
        at, behind = self.inside
        for number, part in enumerate(DOLLAR.split(self.text[at:behind])):
            self.start, self.at = at, at + len(part)
            if number % 2:
                self.at = at
                self.read(at + len(part))
            elif part.strip():
                self.take_words(part.strip())
            at += len(part) + 1
        self.in_words = False
        self.start, self.at = start, end

    # --- what changes nothing -------------------------------------------------------------------

    def take_skip(self, _: str) -> None:
        self.argument()

    def take_transparent(self, _: str) -> None:
        r"""``\boxed{…}``: its braces are dropped unless they hold an argument."""
        match = ARGUMENT.match(self.text, self.at)
        above = self.levels[-1]
        if match is None or match[1] is None or above.wanted:
            return
        self.at = match.end()
        lexeme = Lexeme("LBRACE", "{", start_pos=self.at - 1, end_pos=self.at)
        self.push(Level("drop", lexeme, above.top, above.script, fonts=above.fonts))

    def take_transparent_after(self, name: str) -> None:
        r"""``\underset{…}{base}``, ``\color{…}``: the base counts; "def" over = defines."""
        note = self.argument()
        equals = self.follows(r"\s*\{\s*=\s*\}|\s*=")
        defines = "def" in note or note in ("\\triangle", "\\Delta", "\\vartriangle")
        if name in ("overset", "stackrel") and equals and defines:
            self.at = equals.end()
            self.emit("REL", value=":=")
            return
        self.take_transparent(name)
