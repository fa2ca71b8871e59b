"""Every head of the language prints in every dialect and notation; braces and brackets balance."""

from __future__ import annotations

import inspect

import pytest
from sympy import Basic, Integer, Rational, Symbol

from symbackprop.language import terms as t
from symbackprop.language.derivation import Statement
from symbackprop.language.program import L, l
from symbackprop.networks import forward as f
from symbackprop.networks.forward import i, j, k
from symbackprop.networks.network import Network
from symbackprop.networks.notations import NOTATIONS, notation_named
from symbackprop.render.latex import LatexPrinter
from symbackprop.render.printer import Printer
from symbackprop.render.typst_math import TypstPrinter
from symbackprop.render.unicode_math import TextPrinter

PROGRAM = f.forward(Network(None, "sigmoid", "quadratic"))
BATCH = f.forward(Network(None, "sigmoid", "mse", batch="columns"))
MIXED = f.forward(Network([2, 3, 2], ("tanh", "sigmoid"), "quadratic"))
TOP, OWN = t.Size(L), t.Size(l)
EXAMPLES: dict[str, Basic] = {
    "Ref": f.w(l, j, k),
    "Size": t.Size(l + 1),
    "Plus": t.plus(f.a(L, j), t.negative(f.y(j))),
    "Times": t.times(f.delta(l, j), f.a(l - 1, k)),
    "Power": t.Power(t.plus(f.a(L, k), t.negative(f.y(k))), Integer(2)),
    "Quotient": t.Quotient(Integer(2), TOP),
    "Fn": t.Fn("exp", f.z(L, k)),
    "Act": t.Act(l, f.z(l, j), 1),
    "Vec": t.Vec(t.times(2, f.a(L, i)), i, TOP),
    "Opaque": t.Opaque("C", (), (t.Vec(f.a(L, i), i, TOP), t.Vec(f.y(i), i, TOP))),
    "Partial": t.Partial(f.C, f.w(l, j, k)),
    "Sum": t.Sum(t.times(f.w(l + 1, k, j), f.delta(l + 1, k)), k, t.Size(l + 1)),
    "Kron": t.Kron(k, j),
    "MatMul": t.MatMul(f.delta(l), t.Transpose(f.a(l - 1))),
    "Transpose": t.Transpose(f.w(l + 1)),
    "Hadamard": t.Hadamard(t.Partial(f.C, f.a(L)), t.Act(L, f.z(L), 1)),
    "Diag": t.Diag(t.Act(l, f.z(l), 1)),
    "Ones": t.Ones(OWN),
    "Identity": t.Identity(TOP),
    "Column": t.Column(f.w(l), k),
    "Chain": t.Chain(t.MatMul(t.Diag(t.Act(k, f.z(k), 1)), f.w(k)), k, L, l + 2),
    "LayerSum": t.LayerSum(t.Power(f.w(k, i, j), Integer(2)), k, Integer(1), L),
}
DIALECTS = (LatexPrinter, TextPrinter, TypstPrinter)


def test_there_is_an_example_of_every_head() -> None:
    heads = {
        name
        for name, head in inspect.getmembers(t, inspect.isclass)
        if issubclass(head, t.Term) and head is not t.Term and head.__module__ == t.__name__
    }
    assert heads == set(EXAMPLES)


def balanced(text: str) -> bool:
    pairs, open_ = {")": "(", "}": "{", "]": "["}, []
    for char in text:
        if char in "([{":
            open_.append(char)
        elif char in pairs and (not open_ or open_.pop() != pairs[char]):
            return False
    return not open_


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("head", EXAMPLES)
def test_every_head_prints_balanced(head: str, dialect: type[Printer], notation: str) -> None:
    for program in (PROGRAM, BATCH, None):
        printed = dialect(notation_named(notation), program).text(EXAMPLES[head])
        assert printed.strip()
        assert balanced(printed), printed


FORMULAS = [
    ("Ref", "w^{l}_{jk}", "w^l_{jk}"),
    ("Plus", "a^{L}_{j} - y_{j}", "a^L_j - y_j"),
    ("Power", "(a^{L}_{k} - y_{k})^{2}", "(a^L_k - y_k)²"),
    ("Quotient", r"\frac{2}{n_{L}}", "2/n_L"),
    ("Fn", "e^{z^{L}_{k}}", "exp(z^L_k)"),
    ("Act", r"\sigma'(z^{l}_{j})", "σ′(z^l_j)"),
    ("Opaque", "C(a^{L}, y)", "C(a^L, y)"),
    ("Partial", r"\frac{\partial C}{\partial w^{l}_{jk}}", "∂C/∂w^l_{jk}"),
    ("Sum", r"\sum_{k=1}^{n_{l+1}} w^{l+1}_{kj} \delta^{l+1}_{k}", "Σ_k w^{l+1}_{kj} δ^{l+1}_k"),
    ("Kron", r"\delta_{kj}", "δ_{kj}"),
    ("MatMul", r"\delta^{l} (a^{l-1})^{T}", "δ^l (a^{l-1})ᵀ"),
    ("Hadamard", r"\nabla_{a^{L}} C \odot \sigma'(z^{L})", "∇_{a^L} C ⊙ σ′(z^L)"),
    ("Identity", "I_{n_{L}}", "I_{n_L}"),
    ("Column", r"w^{l}_{\cdot k}", "w^l_{·k}"),
    (
        "Chain",
        r"\prod_{k=L,\,\dots,\,l+2} \bigl(\mathrm{diag}\bigl(\sigma'(z^{k})\bigr) w^{k}\bigr)",
        "Π_{k=L…l+2} (diag(σ′(z^k)) w^k)",
    ),
]


@pytest.mark.parametrize(("head", "tex", "text"), FORMULAS)
def test_the_look_in_nielsens_notation(head: str, tex: str, text: str) -> None:
    assert LatexPrinter(program=PROGRAM).text(EXAMPLES[head]) == tex
    assert TextPrinter(program=PROGRAM).text(EXAMPLES[head]) == text


def test_the_error_and_the_kronecker_sign_differ() -> None:
    for dialect in DIALECTS:
        printer = dialect(program=PROGRAM)
        assert printer.text(f.delta(l, j)) != printer.text(t.Kron(l, j))
        assert printer.text(t.Kron(k, j)) != printer.text(f.delta(k, j))


def test_a_sum_that_is_not_last_is_bracketed() -> None:
    product = t.times(EXAMPLES["Sum"], EXAMPLES["Act"])
    assert TextPrinter().text(product) == "(Σ_k w^{l+1}_{kj} δ^{l+1}_k) σ′(z^l_j)"
    assert TextPrinter().text(t.times(2, EXAMPLES["Sum"])) == "2 Σ_k w^{l+1}_{kj} δ^{l+1}_k"
    of_a_sum = t.Sum(EXAMPLES["Plus"], j, TOP)
    assert TextPrinter().text(of_a_sum) == "Σ_j (a^L_j - y_j)"


def test_a_layered_quantity_is_bracketed_before_a_power() -> None:
    assert LatexPrinter().text(t.Power(f.a(l, j), Integer(2))) == "(a^{l}_{j})^{2}"
    assert LatexPrinter().text(t.Power(f.y(k), Integer(2))) == "y^{2}_{k}"


def test_products_of_arrays_inside_each_other_keep_their_brackets() -> None:
    back = t.Hadamard(t.MatMul(t.Transpose(f.w(l + 1)), f.delta(l + 1)), t.Act(l, f.z(l), 1))
    assert TextPrinter().text(back) == "((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l)"
    other = t.MatMul(t.Transpose(f.w(l + 1)), t.Hadamard(f.delta(l + 1), t.Act(l, f.z(l), 1)))
    assert TextPrinter().text(other) == "(w^{l+1})ᵀ (δ^{l+1} ⊙ σ′(z^l))"


def test_a_derivative_of_a_compound_term_is_an_operator() -> None:
    compound = t.Partial(EXAMPLES["Plus"], f.a(L, k))
    assert TextPrinter().text(compound) == "∂/∂a^L_k(a^L_j - y_j)"
    assert TextPrinter().text(t.times(compound, 2)) == "(∂/∂a^L_k(a^L_j - y_j)) 2"
    assert r"\frac{\partial}{\partial a^{L}_{k}}\left( " in LatexPrinter().text(
        t.Partial(EXAMPLES["Sum"], f.a(L, k))
    )


def test_sigma_carries_its_layer_only_where_layers_differ() -> None:
    slope = t.Act(Integer(2), f.z(Integer(2), j), 1)
    assert TextPrinter(program=PROGRAM).text(t.Act(L, f.z(L, j), 1)) == "σ′(z^L_j)"
    assert TextPrinter(program=MIXED).text(slope) == "σ′_2(z^2_j)"


def test_numbers_do_not_run_together() -> None:
    assert TextPrinter().text(t.Times(Integer(2), Integer(3))) == "2 · 3"
    assert LatexPrinter().text(t.Times(Integer(2), Rational(1, 2))) == r"2 \cdot \frac{1}{2}"
    assert TextPrinter().text(f.w(Integer(2), Integer(1), Integer(13))) == "w^2_{1,13}"


def test_arrays_of_a_batch_have_capital_letters() -> None:
    assert LatexPrinter(program=BATCH).text(f.z(l)) == "Z^{l}"
    assert LatexPrinter(program=PROGRAM).text(f.z(l)) == "z^{l}"
    assert LatexPrinter(notation_named("notes"), PROGRAM).text(f.w(l)) == r"\mathbf{W}^{l}"


def test_samples_stand_where_the_notation_wants_them() -> None:
    value = f.a(l, j, f.s)
    assert TextPrinter(notation_named("nielsen"), BATCH).text(value) == "a^l_{js}"
    assert TextPrinter(notation_named("brackets"), BATCH).text(value) == "a^{[l](s)}_j"


def test_from_to_swaps_indices_and_transposes_the_matrix() -> None:
    printer = TextPrinter(notation_named("from-to"), PROGRAM)
    assert printer.text(f.w(l, j, k)) == "w^l_{kj}"
    assert printer.text(f.w(l)) == "(W^l)ᵀ"
    assert printer.text(t.Transpose(f.w(l))) == "W^l"


def test_renamed_indices_stay_apart() -> None:
    printer = TextPrinter(notation_named("notes"), PROGRAM)
    assert printer.text(f.w(l, j, k)) == "w^l_{ij}"
    assert printer.text(t.Sum(t.times(f.a(l, i), f.a(l, j), f.a(l, k)), k, OWN)) == (
        "Σ_j a^l_k a^l_i a^l_j"
    )


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (Integer(1), L, "1 ≤ l ≤ L"),
        (Integer(1), L - 1, "1 ≤ l < L"),
        (Integer(1), Integer(1), "l = 1"),
        (Integer(2), None, "2 ≤ l"),
        (None, None, None),
    ],
)
def test_layers_of_a_statement(first: Basic | None, last: Basic | None, said: str | None) -> None:
    statement = Statement((f.C, f.C), ((k, j),), first, last)
    assert TextPrinter().conditions(statement) == tuple(filter(None, ("k ≠ j", said)))


def test_unknown_names_are_harmless() -> None:
    hostile = t.Ref("\\input{x}$ #eval", l, Symbol("\\write18"))
    assert "\\input" not in LatexPrinter().text(hostile)
    assert "\\write" not in LatexPrinter().text(hostile)
    assert TypstPrinter().text(hostile).startswith('"')
    assert LatexPrinter().text(t.Ref("eta", l)) == r"\eta^{l}"


def test_what_is_no_term_is_refused() -> None:
    with pytest.raises(TypeError, match="not a head"):
        LatexPrinter().text(Symbol)  # type: ignore[arg-type]


def test_printing_needs_no_program() -> None:
    for example in EXAMPLES.values():
        assert TextPrinter().text(example)
        assert TextPrinter(program=PROGRAM).text(example)
