"""From the characters of a row to the words of the grammar, in one pass from left to right.

Whatever a regular grammar cannot know is settled here, with a stack of the open brackets: which bar
opens and which closes, what belongs to which ``\\left``, whether a comma separates arguments or
closes the formula, how deep the row is nested.  An error therefore points at the bracket that was
never closed, and no later stage can run out of stack.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

from symbackprop.read.layout import (
    Big,
    Differential,
    Nabla,
    Name,
    Node,
    Number,
    Sign,
    Text,
)
from symbackprop.read.lexemes import ARITY, OPERAND_ENDS, OPERANDS, Level, Lexeme
from symbackprop.read.lexicon import (
    ARRANGEMENTS,
    CHARACTERS,
    CLOSERS,
    COMMANDS,
    CONNECTIVES,
    TABLES,
    THEREFORE,
    UNICODE,
    WORD_FONTS,
)
from symbackprop.read.settle import settle
from symbackprop.read.unreadable import (
    MAX_CHARACTERS,
    MAX_DIGITS,
    MAX_NESTING,
    Unreadable,
    over_limit,
)

LEXEME = re.compile(
    r"(?P<blank>\s+)|(?P<command>\\(?:(?:operatorname|tag|hspace|vspace)\*|[A-Za-z]+|.))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?P<letter>[A-Za-z])|(?P<primes>'+)"
    r"|(?P<other>\.\.\.|:=|\|\||\.[*^]|[-=<>+*/,;:.?!_^{}()\[\]|&~])",
    re.DOTALL,
)
ARGUMENT = re.compile(r"\s*(?:(?P<brace>\{)|(?P<command>\\(?:[A-Za-z]+|.))|(?P<single>[^\s{}]))")
DELIMITER = re.compile(r"\s*(\\[A-Za-z]+|\\.|\S)", re.DOTALL)
ROW_SKIP = re.compile(r"\s*\[\s*-?[0-9.]+\s*[a-z]{2}\s*\]")
ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+)\*?\s*\}")
OPTION = re.compile(r"\s*\[\s*([0-9A-Za-z])\s*\]")
WORD = re.compile(r"[A-Za-z](?:\\?[_-]?[A-Za-z0-9]+)*$")
GROUPED_DIGITS = re.compile(r"\{,\}[0-9]{3}")


def scan(text: str) -> list[Lexeme]:
    """The lexemes of a row, brackets balanced, every command known, limits kept."""
    if len(text) > MAX_CHARACTERS:
        raise over_limit(
            MAX_CHARACTERS,
            f"the row has {len(text):,} characters, the limit is {MAX_CHARACTERS:,}",
            "split it into several rows",
        )
    return settle(Scanner(text).run())


class Scanner:
    """One pass over a row; a method for each kind of entry in the lexicon."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.start = 0
        self.lexemes: list[Lexeme] = []
        self.font_for_next: tuple[str, ...] = ()
        self.in_words = False
        self.levels = [Level("row", Lexeme("START", "", start_pos=0, end_pos=0), top=True)]

    # --- the loop -------------------------------------------------------------------------------

    def run(self) -> list[Lexeme]:
        self.math(len(self.text))
        if len(self.levels) > 1:
            raise self.never_closed("the end of the row")
        return self.lexemes

    def math(self, end: int) -> None:
        """Read mathematics up to ``end``."""
        text, handlers = self.text, _HANDLERS
        while self.at < end:
            self.start = self.at
            match = LEXEME.match(text, self.at)
            if match is None:
                self.unicode(text[self.at])
                continue
            self.at = match.end()
            kind, word = match.lastgroup or "", match.group()
            if kind == "blank":
                continue
            if kind == "letter":
                self.letter(word)
            elif kind == "number":
                self.number(word)
            elif kind == "primes":
                self.prime(word)
            else:
                name = word[1:] if kind == "command" else word
                entry = (COMMANDS if kind == "command" else CHARACTERS).get(name)
                if entry is None:
                    raise self.unknown(word)
                handlers[entry[0]](self, entry[1])

    def unicode(self, character: str) -> None:
        self.at += 1
        entry = UNICODE.get(character)
        if entry is None:
            raise Unreadable(self.start, *_strange(character))
        _HANDLERS[entry[0]](self, entry[1])

    def unknown(self, word: str) -> Unreadable:
        close = difflib.get_close_matches(word[1:], COMMANDS, n=1, cutoff=0.6)
        hint = (
            f"did you mean \\{close[0]}?" if close else "a command of TeX that has a meaning here"
        )
        return Unreadable(self.start, f"the command {word} is not known", hint, word)

    # --- emitting -------------------------------------------------------------------------------

    def emit(self, kind: str, node: Node | None = None, value: str | None = None) -> Lexeme:
        level = self.levels[-1]
        value = self.text[self.start : self.at] if value is None else value
        lexeme = Lexeme(kind, value, start_pos=self.start, end_pos=self.at)
        lexeme.node = node
        lexeme.within = level.kind if not level.script else "script"
        if level.wanted and kind in OPERANDS:
            level.wanted -= 1
        level.wanted += ARITY.get(kind, 0)
        self.lexemes.append(lexeme)
        return lexeme

    @property
    def last(self) -> str:
        return self.lexemes[-1].type if self.lexemes else "START"

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.at

    def push(self, kind: str, lexeme: Lexeme, **what: object) -> None:
        if len(self.levels) > MAX_NESTING:
            raise over_limit(
                self.start,
                f"brackets are nested more than {MAX_NESTING} deep",
                "name the inner parts in rows of their own",
            )
        self.levels.append(Level(kind, lexeme, **what))  # type: ignore[arg-type]

    def fonts(self) -> tuple[str, ...]:
        """The fonts that dress the next letter; scripts do not inherit those of their base."""
        own, self.font_for_next = self.font_for_next, ()
        inherited = () if self.last in ("SUB", "SUP") else self.levels[-1].fonts
        return tuple(dict.fromkeys(mark for mark in (*inherited, *own) if mark))

    # --- atoms ----------------------------------------------------------------------------------

    def letter(self, word: str) -> None:
        for_one = bool(self.font_for_next)  # \\mathbf xy is a bold x and a y
        marks = self.fonts()
        if marks and not for_one:
            run = re.compile("[A-Za-z]+").match(self.text, self.start)
            longer = run.group() if run else word
            if marks[-1] in WORD_FONTS.values() or (marks[-1] == "mathbf" and len(longer) > 2):
                word, self.at = longer, self.start + len(longer)
        self.emit("ATOM", Name(word, marks, span=self.span))

    def letter_command(self, word: str) -> None:
        self.emit("ATOM", Name(word, self.fonts(), span=self.span))

    def function(self, word: str) -> None:
        self.font_for_next = ()
        self.emit("ATOM", Name(word, ("upright",), span=self.span))

    def number(self, word: str) -> None:
        if self.levels[-1].wanted and len(word) > 1 and word[0] != ".":
            word, self.at = word[0], self.start + 1  # \frac12, x_12: TeX takes one digit
        if len(word) > MAX_DIGITS:
            raise over_limit(
                self.start,
                f"a number has more than {MAX_DIGITS} digits",
                "write it with fewer digits",
            )
        if GROUPED_DIGITS.match(self.text, self.at):
            raise Unreadable(self.at, "digits are grouped with a comma", "1000 for 1{,}000", "{,}")
        marks = self.fonts()
        bold = marks and not self.levels[-1].script and word in ("0", "1")
        node = Name(word, marks, span=self.span) if bold else Number(word, span=self.span)
        self.emit("ATOM", node)

    def prime(self, word: str) -> None:
        if self.last not in OPERAND_ENDS:
            raise Unreadable(self.start, "a prime hangs at nothing", "a letter before it", word)
        self.emit("PRIMES", value=word)

    def big(self, kind: str) -> None:
        self.emit("ATOM", Big(kind, span=self.span)).within = "big"

    def partial(self, kind: str) -> None:
        self.emit("ATOM", Differential(kind, span=self.span))

    def differential(self, kind: str) -> None:
        self.emit("ATOM", Name("d", ("upright",), span=self.span))

    def nabla(self, kind: str) -> None:
        self.fonts()
        self.emit("ATOM", Nabla(span=self.span))

    def circled(self, _: str) -> None:
        inner = self.argument()
        self.emit("ATOM", Name(inner, ("circled",), span=self.span))

    def sign(self, kind: str) -> None:
        if kind == "dots":
            self.emit("ATOM", Sign("dots", span=self.span)).within = "dots"
            return
        self.emit("SIGN", Sign(kind, span=self.span))

    def plus(self, sign: str) -> None:
        kind = "PLUS" if sign == "+" else "MINUS"
        if self.last in ("SIGN", "PLUS", "MINUS") and kind == "MINUS":
            kind = "NEGATE"
        self.emit(kind)

    # --- relations and separators ---------------------------------------------------------------

    def relation(self, kind: str) -> None:
        word = self.text[self.start + 1 : self.at]
        if not self.lexemes and (word in THEREFORE or self.text[self.start] in "⇒⇔"):
            self.words("therefore")
            return
        self.emit("REL", value=kind)

    def negation(self, _: str) -> None:
        match = re.compile(r"\s*=").match(self.text, self.at)
        if match is None:
            raise Unreadable(self.start, "\\not is read before = only", "\\neq", "\\not")
        self.at = match.end()
        self.emit("REL", value="neq")

    def comma(self, sign: str) -> None:
        self.emit("MARK" if self.levels[-1].top else "COMMA", value=",")

    def colon(self, sign: str) -> None:
        level = self.levels[-1]
        if level.top:
            self.emit("MARK", value=":")
            return
        if not (level.script or self.last == "OPEN" or level.kind == "["):
            raise Unreadable(self.start, "a colon stands inside a formula", "'=' or ','", ":")
        self.emit("ATOM", Name(":", span=self.span))

    def stop(self, sign: str) -> None:
        if not self.levels[-1].top or sign == "!":
            raise Unreadable(self.start, f"'{sign}' stands inside a formula", "\\cdot or ','", sign)
        self.emit("MARK", value=".")

    def quad(self, _: str) -> None:
        if self.levels[-1].top:
            self.emit("MARK", value=" ")

    def words(self, words: str) -> None:
        node = Text(words, span=self.span)
        self.emit("MARK" if self.levels[-1].top else "ATOM", node)

    def space(self, _: str) -> None:
        return

    def percent(self, _: str) -> None:
        raise Unreadable(self.start, "a per cent sign stands inside a formula", "a number", "\\%")

    def underscore(self, _: str) -> None:
        raise Unreadable(self.start, "\\_ stands outside a name", "\\mathrm{two\\_words}", "\\_")

    def script(self, sign: str) -> None:
        if self.levels[-1].wanted and self.last in ARITY:
            raise Unreadable(self.start, f"nothing stands before '{sign}'", "a letter", sign)
        self.emit("SUB" if sign == "_" else "SUP")

    # --- brackets -------------------------------------------------------------------------------

    def brace(self, _: str) -> None:
        empty = re.compile(r"\s*\}").match(self.text, self.at)
        if empty and not self.font_for_next:
            self.at = empty.end()
            if self.last in ("PDV", "OPTION"):
                self.emit("EMPTY")
            elif self.levels[-1].wanted:
                raise Unreadable(
                    self.start, "nothing stands between '{' and '}'", "a formula", "{}"
                )
            return
        above = self.levels[-1]
        script = above.script or self.last in ("SUB", "SUP")
        if script and not above.script:
            fonts = self.font_for_next
        else:
            fonts = (*above.fonts, *self.font_for_next)
        self.font_for_next = ()
        self.push("{", self.emit("LBRACE"), script=script, fonts=fonts)

    def open(self, kind: str, left: bool = False) -> None:
        above = self.levels[-1]
        lexeme = self.emit("OPEN", value=kind)
        self.push(kind, lexeme, script=above.script, left=left, fonts=above.fonts)

    def close(self, kind: str, left: bool = False) -> None:
        level = self.levels[-1]
        if level.kind == "drop" and kind == "{":
            self.levels.pop()
            return
        if level.kind == "row":
            word = CLOSERS[kind]
            raise Unreadable(
                self.start, f"'{word}' closes nothing", f"'{kind}' before it", f"'{word}'"
            )
        if level.kind != kind or level.left != left:
            raise self.never_closed(f"'{self.text[self.start : self.at]}'")
        self.levels.pop()
        self.emit("RBRACE" if kind == "{" else "CLOSE", value=kind)
        if level.note:
            self.note(level.note)

    def never_closed(self, found: str) -> Unreadable:
        level = self.levels[-1]
        at = level.lexeme.start_pos or 0
        if level.kind == "environment":
            name = str(level.lexeme)
            return Unreadable(at, f"\\begin{{{name}}} is never closed", f"\\end{{{name}}}", found)
        if level.kind == "drop":
            return Unreadable(at, "'{' is never closed", "'}'", found)
        if level.left or level.kind == "left.":
            word = self.text[at : level.lexeme.end_pos]
            return Unreadable(at, f"{word} has no \\right", "\\right with its bracket", found)
        return Unreadable(at, f"'{level.kind}' is never closed", f"'{CLOSERS[level.kind]}'", found)

    def bar(self, kind: str, side: str = "") -> None:
        """A bar closes if one is open and something stands before it; ``|_`` evaluates."""
        level = self.levels[-1]
        after = self.last in OPERAND_ENDS
        if kind == "||":
            if level.kind == "|" and after:
                self.at -= 1  # |a||b|
                kind = "|"
            else:
                kind = "‖"
        if level.kind == kind and after:
            self.close(kind, left=level.left)
        elif kind == "|" and after and self.text[self.at :].lstrip()[:1] == "_":
            self.emit("ATOM", Sign("bar", span=self.span))
        else:
            self.open(kind)

    def left(self, _: str) -> None:
        kind = self.delimiter("\\left")
        if kind == ".":
            above = self.levels[-1]
            lexeme = self.emit("LBRACE")
            self.push("left.", lexeme, script=above.script, left=True, fonts=above.fonts)
            return
        self.open(kind, left=True)

    def right(self, _: str) -> None:
        kind = self.delimiter("\\right")
        level = self.levels[-1]
        if not level.left:
            what = "\\right has no \\left" if level.kind == "row" else ""
            raise Unreadable(self.start, what) if what else self.never_closed("\\right")
        if level.kind == "left.":
            if kind not in (".", "|"):
                raise Unreadable(self.start, "\\left. is closed by a bracket", "\\right|", kind)
            self.levels.pop()
            end, self.at = self.at, self.start
            self.emit("RBRACE", value="}")
            self.at = end
            if kind == "|":
                self.emit("ATOM", Sign("bar", span=self.span))
            return
        if kind == "." and level.kind == "\\{":
            kind = "\\{"
        if kind != level.kind:
            raise self.never_closed(f"'{self.text[self.start : self.at]}'")
        self.close(kind, left=True)

    def delimiter(self, word: str) -> str:
        match = DELIMITER.match(self.text, self.at)
        if match is None:
            raise Unreadable(self.start, f"nothing stands behind {word}", "a bracket")
        self.at = match.end()
        name = match.group(1)
        if name == ".":
            return "."
        entry = (
            COMMANDS.get(name[1:]) if name[0] == "\\" else CHARACTERS.get(name) or UNICODE.get(name)
        )
        if entry is None or entry[0] not in ("open", "close", "bar"):
            raise Unreadable(
                self.start, f"{name} behind {word} is no bracket", "( [ \\{ | or .", name
            )
        return entry[1]

    # --- commands with arguments ----------------------------------------------------------------

    def argument(self) -> str:
        """The text of the next argument, passed over unread."""
        match = ARGUMENT.match(self.text, self.at)
        if match is None:
            word = self.text[self.start : self.at]
            raise Unreadable(self.start, f"nothing stands behind {word}", "{…}")
        if match["brace"] is None:
            self.at = match.end()
            return match.group().strip()
        begin = match.end()
        self.at = _end_of_braces(self.text, begin - 1)
        return self.text[begin : self.at - 1].strip()

    def font(self, mark: str) -> None:
        self.font_for_next = (*self.font_for_next, mark)

    def word_font(self, mark: str) -> None:
        """``\\mathrm{softmax}`` is one name; what is no word is read on in that font."""
        back = self.at
        inner = re.sub(r"\\[,;:! ]|~", "", self.argument())
        if inner in CONNECTIVES:
            self.words(inner)
        elif WORD.match(inner):
            marks = tuple(dict.fromkeys((*self.fonts(), mark)))
            self.emit("ATOM", Name(inner.replace("\\_", "_"), marks, span=self.span))
        elif " " in inner and re.fullmatch(r"[A-Za-z .,'-]+", inner):
            self.words(inner)
        else:
            self.at = back
            self.font(mark)

    def switch(self, mark: str) -> None:
        """``{\\rm th}``: to the end of the group."""
        self.levels[-1].fonts = (*self.levels[-1].fonts, mark)

    def text_command(self, _: str) -> None:
        start = self.start
        inner = self.argument()
        end = self.at
        word = inner.strip()
        if "$" in inner:
            self.words_with_mathematics(start, end)
            return
        if WORD.match(word) and word.lower() not in CONNECTIVES:
            self.fonts()
            self.emit("ATOM", Name(word.replace("\\_", "_"), ("upright",), span=self.span))
            return
        words = re.sub(r"\\ |~|\s+", " ", inner).strip()
        if words.strip(" .,;:()"):
            self.words(words)
        elif words:
            self.math_again(words, start, end)

    def math_again(self, words: str, start: int, end: int) -> None:
        """Punctuation in ``\\text{.}`` is punctuation."""
        for sign in words.replace(" ", ""):
            if sign in ".,;:":
                _HANDLERS[CHARACTERS[sign][0]](self, sign)

    def words_with_mathematics(self, start: int, end: int) -> None:
        """``\\text{if $k = j$}``: words and formulas by turns."""
        if self.in_words:
            raise Unreadable(start, "\\text stands in the mathematics of \\text", "words")
        self.in_words = True
        at = self.text.index("{", start) + 1
        for number, part in enumerate(self.text[at : end - 1].split("$")):
            self.start = self.at = at
            if number % 2:
                self.math(at + len(part))
            elif part.strip():
                self.at = at + len(part)
                self.words(part.strip())
            at += len(part) + 1
        self.in_words = False
        self.start, self.at = start, end

    def accent(self, mark: str) -> None:
        self.emit("ACCENT", value=mark)

    def frac(self, _: str) -> None:
        self.emit("FRAC")

    def over(self, _: str) -> None:
        self.emit("OVER")

    def sqrt(self, _: str) -> None:
        if self.text[self.at :].lstrip()[:1] == "[":
            raise Unreadable(self.start, "only square roots are read", "\\sqrt{…}", "\\sqrt[")
        self.emit("SQRT")

    def derivative(self, kind: str) -> None:
        self.emit("PDV", value=kind)
        self.skip_star()
        option = OPTION.match(self.text, self.at)
        if option:
            self.start, self.at = self.at, option.end()
            self.emit("OPTION", Number(option[1]) if option[1].isdigit() else Name(option[1]))

    def skip_star(self) -> None:
        if self.text[self.at : self.at + 1] == "*":
            self.at += 1

    def skip(self, _: str) -> None:
        self.argument()

    def transparent(self, _: str) -> None:
        """``\\boxed{…}``: the braces are dropped unless they hold an argument."""
        match = ARGUMENT.match(self.text, self.at)
        above = self.levels[-1]
        if match is None or match["brace"] is None or above.wanted:
            return
        self.at = match.end()
        lexeme = Lexeme("LBRACE", "{", start_pos=self.at - 1, end_pos=self.at)
        self.push("drop", lexeme, top=above.top, script=above.script, fonts=above.fonts)

    def transparent_after(self, name: str) -> None:
        """``\\underset{…}{base}``, ``\\color{…}``: the base counts."""
        note = self.argument()
        follows = re.compile(r"\s*\{\s*=\s*\}|\s*=").match(self.text, self.at)
        defines = "def" in note or note in ("\\triangle", "\\Delta", "\\vartriangle")
        if name in ("overset", "stackrel") and follows and defines:
            self.at = follows.end()
            self.emit("REL", value=":=")
            return
        self.transparent(name)

    def braced(self, sign: str) -> None:
        """``\\underbrace{body}_{note}``: the note is taken as text when its body has been read."""
        self.emit("BRACED", value=sign)
        match = ARGUMENT.match(self.text, self.at)
        if match is None or match["brace"] is None:
            raise Unreadable(self.start, "nothing stands under the brace", "{…}")
        self.start, self.at = match.end() - 1, match.end()
        above = self.levels[-1]
        self.push("{", self.emit("LBRACE"), script=above.script, fonts=above.fonts)
        self.levels[-1].note = sign

    def note(self, sign: str) -> None:
        match = re.compile(r"\s*" + re.escape(sign)).match(self.text, self.at)
        if match:
            self.start, self.at = self.at, match.end()
            words = re.sub(
                r"\\(?:text|mathrm|textbf|textrm|mbox)\s*\{([^{}]*)\}", r"\1", self.argument()
            )
            self.emit("NOTE", value=words)
        else:
            self.emit("BARE", value="")

    # --- environments ---------------------------------------------------------------------------

    def environment(self, word: str) -> str:
        match = ENVIRONMENT.match(self.text, self.at)
        if match is None:
            raise Unreadable(self.start, f"{word} names no environment", f"{word}{{cases}}")
        self.at = match.end()
        if match[1] not in TABLES | ARRANGEMENTS:
            known = ", ".join(sorted(TABLES))
            raise Unreadable(
                self.start, f"the environment {match[1]} is not known", known, match[1]
            )
        return match[1]

    def begin(self, _: str) -> None:
        name = self.environment("\\begin")
        if name in ARRANGEMENTS:
            lexeme = Lexeme("BEGIN", name, start_pos=self.start, end_pos=self.at)
            above = self.levels[-1]
            self.push("environment", lexeme, top=above.top, fonts=above.fonts)
            if name in ("alignat", "alignedat"):
                self.argument()
            return
        if name == "array":
            self.argument()
        lexeme = self.emit("BEGIN", value=name)
        self.push("environment", lexeme, top=True, fonts=self.levels[-1].fonts)

    def end(self, _: str) -> None:
        name = self.environment("\\end")
        level = self.levels[-1]
        if level.kind != "environment" or str(level.lexeme) != name:
            if level.kind == "row":
                raise Unreadable(self.start, f"\\end{{{name}}} has no \\begin", "", name)
            raise self.never_closed(f"\\end{{{name}}}")
        self.levels.pop()
        if name in TABLES:
            self.emit("END", value=name)

    def substack(self, _: str) -> None:
        return  # its rows are separated by \\\\, read as commas

    def new_row(self, _: str) -> None:
        skip = ROW_SKIP.match(self.text, self.at)
        self.at = skip.end() if skip else self.at
        level = self.levels[-1]
        if level.kind == "environment" and str(level.lexeme) in TABLES:
            self.emit("ROW")
        elif level.script:
            self.emit("COMMA", value=",")
        elif self.text[self.at :].strip() and not self.text[self.at :].lstrip().startswith("\\end"):
            raise Unreadable(self.start, "a second row begins here", "one row at a time", "\\\\")

    def ampersand(self, _: str) -> None:
        level = self.levels[-1]
        if level.kind == "environment" and str(level.lexeme) in TABLES:
            self.emit("AMP")
        elif not level.top:
            raise Unreadable(
                self.start, "'&' stands inside a bracket", "it between formulas", "'&'"
            )


def _end_of_braces(text: str, begin: int) -> int:
    """The offset behind the brace that closes the one at ``begin``."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, begin):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    raise Unreadable(begin, "'{' is never closed", "'}'", "the end of the row")


def _strange(character: str) -> tuple[str, str, str]:
    """What to say about a character that has no meaning here."""
    point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "no name")
    plain = unicodedata.normalize("NFKC", character)
    hint = f"did you mean {plain}?" if plain != character and plain.isprintable() else "TeX"
    shown = character if character.isprintable() else point
    return f"the character {shown} ({point}, {name}) is not read", hint, point


_HANDLERS = {
    kind: getattr(Scanner, {"text": "text_command", "letter": "letter_command"}.get(kind, kind))
    for kind, _ in (*COMMANDS.values(), *CHARACTERS.values(), *UNICODE.values())
}
