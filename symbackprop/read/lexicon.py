"""What each command and character of a formula is: tables, no code that reads.

An entry is ``(kind, value)``; ``kind`` names the method of the scanner that takes it
(``symbackprop.read.scan``), ``value`` is what it hands on.
"""

from __future__ import annotations

Entry = tuple[str, str]


def _words(text: str) -> list[str]:
    return text.split()


GREEK = _words(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
LETTERS = (
    *GREEK,
    *_words("varepsilon vartheta varpi varrho varsigma varphi ell infty hbar imath jmath Re Im"),
    *_words("prime top dagger bullet emptyset square star"),
)
FUNCTIONS = _words(
    "exp log ln lg tanh sinh cosh coth sin cos tan arctan arcsin arccos max min sup inf lim arg "
    "argmax argmin det dim ker Pr softmax sigmoid relu ReLU diag Diag tr Tr trace sgn sign erf var"
)
# commands that stand for another one
SPELLINGS = {
    "eps": "epsilon", "intercal": "top", "ast": "*", "lt": "<", "gt": ">", "le": "leq", "ge": "geq",
    "leqslant": "leq", "geqslant": "geq", "leqq": "leq", "geqq": "geq", "ne": "neq",
    "grad": "nabla", "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "sfrac": "frac",
    "lbrace": "{", "rbrace": "}", "lVert": "|", "rVert": "|", "Vert": "|",
}  # fmt: skip

RELATIONS = {
    "=": "=", "<": "<", ">": ">",
    "leq": "leq", "geq": "geq", "neq": "neq", "approx": "approx", "simeq": "approx",
    "equiv": "equiv", "coloneqq": ":=", "coloneq": ":=", "triangleq": ":=", "doteq": ":=",
    "propto": "propto", "in": "in",
    "to": "to", "gets": "to", "leftarrow": "to", "rightarrow": "to", "longrightarrow": "to",
    "Rightarrow": "to", "Longrightarrow": "to", "Leftarrow": "to", "Leftrightarrow": "to",
    "implies": "to", "iff": "to", "mapsto": "to", "longleftarrow": "to", "impliedby": "to",
    "Longleftrightarrow": "to", "leadsto": "to", "longmapsto": "to",
}  # fmt: skip
THEREFORE = frozenset(_words("Rightarrow Longrightarrow implies iff Leftrightarrow ⇒ ⇔"))

SIGNS = {
    "cdot": "dot", "centerdot": "dot", "times": "cross", "odot": "hadamard", "circ": "hadamard",
    "bullet": "hadamard",
    "*": "star", "div": "slash", "otimes": "outer",
    "dots": "dots", "cdots": "dots", "ldots": "dots", "vdots": "dots", "ddots": "dots",
    "dotsc": "dots", "dotsb": "dots", "dotsm": "dots", "hdots": "dots",
}  # fmt: skip
BIGS = {"sum": "sum", "prod": "prod", "int": "int"}

FONTS = {
    "mathbf": "mathbf", "boldsymbol": "boldsymbol", "bm": "bm", "pmb": "bm", "mathcal": "mathcal",
    "mathscr": "mathscr", "mathbb": "mathbb", "mathbbm": "mathbb", "mathds": "mathbb",
    "mathfrak": "mathfrak", "symbf": "mathbf", "bold": "mathbf", "mathnormal": "",
}  # fmt: skip
# fonts that make one name of several letters
WORD_FONTS = {
    "mathrm": "upright", "operatorname": "upright", "operatorname*": "upright", "mathop": "upright",
    "mathit": "mathit", "mathsf": "mathsf", "mathtt": "mathtt", "textup": "upright",
}  # fmt: skip
SWITCHES = {"rm": "upright", "bf": "mathbf", "cal": "mathcal", "it": "mathit", "sf": "mathsf"}
TEXTS = (
    "text",
    "textrm",
    "textbf",
    "textit",
    "textsf",
    "texttt",
    "mbox",
    "textnormal",
    "intertext",
)
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
    "widetilde": "tilde", "vec": "vec", "overrightarrow": "vec", "dot": "dot", "ddot": "ddot",
    "underline": "underline", "check": "check", "breve": "breve",
}  # fmt: skip

SPACES = _words(
    ", : ; ! > thinspace medspace thickspace enspace negthinspace displaystyle textstyle "
    "scriptstyle scriptscriptstyle limits nolimits nonumber notag mathstrut strut allowbreak "
    "nobreak noindent big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm "
    "biggm Biggm small normalsize large Large footnotesize centering hline toprule "
    "bottomrule midrule"
)
SKIPPED_WITH_ARGUMENT = _words("phantom hphantom vphantom vspace vspace* label tag tag*")
TRANSPARENT = _words(
    "boxed fbox cancel bcancel xcancel mathbin mathrel mathord mathopen mathclose mathinner smash "
    "ensuremath"
)
TRANSPARENT_AFTER_ARGUMENT = ("color", "textcolor", "colorbox", "underset", "overset", "stackrel")
# environments that only arrange rows
ARRANGEMENTS = frozenset(
    _words(
        "align aligned alignat alignedat split equation gather gathered eqnarray displaymath math "
        "multline flalign multlined"
    )
)
TABLES = frozenset(
    _words("cases dcases rcases matrix pmatrix bmatrix vmatrix Bmatrix Vmatrix smallmatrix array")
)

CLOSERS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "⟨": "⟩", "|": "|", "‖": "‖"}

# Words that join formulas; any other single word in \text{…} is a name: \text{softmax}
CONNECTIVES = frozenset(
    _words(
        "if for where when whenever and or otherwise else let with all then so thus hence since "
        "therefore because as is are by from of the that i.e. e.g. iff on at to in given assuming "
        "suppose define denote note but also now recall while such not"
    )
)
# Words whose formula is a condition, not the claim of the row
CONDITIONAL = ("if", "for", "when", "where", "since", "because", "as", "given", "assuming", "with",
               "suppose", "iff", "recall", "while")  # fmt: skip


def _commands() -> dict[str, Entry]:
    table: dict[str, Entry] = {}
    table |= {name: ("symbol", name) for name in LETTERS}
    table |= {name: ("function", name) for name in FUNCTIONS}
    table |= {name: ("relation", value) for name, value in RELATIONS.items()}
    table |= {name: ("sign", value) for name, value in SIGNS.items()}
    table |= {name: ("big", value) for name, value in BIGS.items()}
    table |= {name: ("font", value) for name, value in FONTS.items()}
    table |= {name: ("word_font", value) for name, value in WORD_FONTS.items()}
    table |= {name: ("switch", value) for name, value in SWITCHES.items()}
    table |= {name: ("text", name) for name in TEXTS}
    table |= {name: ("accent", value) for name, value in ACCENTS.items()}
    table |= {name: ("space", name) for name in (*SPACES, " ", "\n", "\t")}
    table |= {name: ("skip", name) for name in SKIPPED_WITH_ARGUMENT}
    table |= {name: ("transparent", name) for name in TRANSPARENT}
    table |= {name: ("transparent_after", name) for name in TRANSPARENT_AFTER_ARGUMENT}
    table |= {
        "partial": ("partial", "partial"), "nabla": ("nabla", "nabla"), "frac": ("frac", "frac"),
        "sqrt": ("sqrt", "sqrt"), "over": ("over", "over"), "forall": ("words", "for all"),
        "therefore": ("words", "therefore"), "because": ("words", "because"),
        "pdv": ("derivative", "partial"), "dv": ("derivative", "d"), "dd": ("differential", "d"),
        "underbrace": ("braced", "_"), "overbrace": ("braced", "^"),
        "textcircled": ("circled", ""), "quad": ("quad", ""), "qquad": ("quad", ""),
        "{": ("open", "\\{"), "}": ("close", "\\{"), "langle": ("open", "⟨"),
        "rangle": ("close", "⟨"), "lbrack": ("open", "["), "rbrack": ("close", "["),
        "|": ("bar", "‖"), "vert": ("bar", "|"), "lvert": ("bar", "|"), "rvert": ("bar", "|"),
        "mid": ("bar", "|"), "left": ("left", ""), "right": ("right", ""),
        "begin": ("begin", ""), "end": ("end", ""), "substack": ("substack", ""),
        "\\": ("new_row", ""), "newline": ("new_row", ""), "cr": ("new_row", ""),
        "not": ("negation", ""), "%": ("refused", "a number"),
        "_": ("refused", "\\mathrm{two\\_words}"),
        "pm": ("refused", "one sign: ± makes two formulas"), "mp": ("refused", "one sign"),
        "hspace": ("wide_skip", ""), "hspace*": ("wide_skip", ""), "hfill": ("quad", ""),
    }  # fmt: skip
    table |= {name: table[other] for name, other in SPELLINGS.items()}
    return table


COMMANDS = _commands()

CHARACTERS: dict[str, Entry] = {
    "=": ("relation", "="), "<": ("relation", "<"), ">": ("relation", ">"),
    ":=": ("relation", ":="), "+": ("plus", "+"), "-": ("plus", "-"), "*": ("sign", "star"),
    "/": ("sign", "slash"), ".*": ("sign", "hadamard"), ".^": ("script", "^"),
    "...": ("sign", "dots"), ",": ("comma", ","), ";": ("comma", ";"), ":": ("colon", ":"),
    ".": ("stop", "."), "?": ("stop", "?"), "!": ("stop", "!"), "_": ("script", "_"),
    "^": ("script", "^"), "{": ("brace", "{"), "}": ("close", "{"), "(": ("open", "("),
    ")": ("close", "("), "[": ("open", "["), "]": ("close", "["), "|": ("bar", "|"),
    "||": ("bar", "||"), "&": ("ampersand", "&"), "~": ("space", "~"),
}  # fmt: skip

_LOWER = _words(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi ? pi rho varsigma "
    "sigma tau upsilon phi chi psi omega"
)  # from U+03B1 on; ? is omicron, which looks like o and is refused
_UPPER = _words("Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega")

UNICODE: dict[str, Entry] = {
    **{chr(0x3B1 + i): ("symbol", name) for i, name in enumerate(_LOWER) if name != "?"},
    **{letter: ("symbol", name) for letter, name in zip("ΓΔΘΛΞΠΣΦΨΩ", _UPPER, strict=True)},
    "ϵ": ("symbol", "epsilon"), "ϕ": ("symbol", "phi"), "ϑ": ("symbol", "vartheta"),
    "ℓ": ("symbol", "ell"), "∞": ("symbol", "infty"), "⊤": ("symbol", "top"),
    "∂": COMMANDS["partial"], "∇": COMMANDS["nabla"], "∑": COMMANDS["sum"], "∏": COMMANDS["prod"],
    "·": COMMANDS["cdot"], "⋅": COMMANDS["cdot"], "×": COMMANDS["times"], "⊙": COMMANDS["odot"],
    "∘": COMMANDS["circ"], "∗": COMMANDS["ast"], "⊗": COMMANDS["otimes"], "÷": COMMANDS["div"],
    "…": COMMANDS["dots"], "⋯": COMMANDS["dots"], "⋮": COMMANDS["dots"], "⋱": COMMANDS["dots"],
    "≠": COMMANDS["neq"], "≤": COMMANDS["leq"], "≥": COMMANDS["geq"], "≈": COMMANDS["approx"],
    "≡": COMMANDS["equiv"], "≔": COMMANDS["coloneqq"], "≜": COMMANDS["triangleq"],
    "∝": COMMANDS["propto"], "∈": COMMANDS["in"], "→": COMMANDS["to"], "←": COMMANDS["gets"],
    "⇒": COMMANDS["Rightarrow"], "⇔": COMMANDS["iff"], "∴": COMMANDS["therefore"],
    "∀": COMMANDS["forall"], "−": ("plus", "-"), "′": ("primes", "'"), "″": ("primes", "''"),
    "‖": ("bar", "‖"), "∣": ("bar", "|"), "⟨": ("open", "⟨"), "⟩": ("close", "⟨"),
    "√": COMMANDS["sqrt"],
    **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\u2061\u2062", ("space", " ")),
}  # fmt: skip
