"""Plain data: what JSON needs, and the same formulas as everywhere."""

from __future__ import annotations

import json

from symbackprop.judge.verdict import Checked
from symbackprop.render import RENDERERS
from symbackprop.render.data import as_data

from .conftest import EVERY_STATUS, four_steps


def test_it_survives_json(checked: Checked) -> None:
    data = as_data(checked)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["version"] == 1
    assert data["proved"] is True
    assert [step["number"] for step in data["steps"]] == list(range(1, len(checked.verdicts) + 1))
    for step in data["steps"]:
        assert step["verdict"] == "proved"
        assert step["bound"] is None or step["bound"] < -100
        assert all(used < step["number"] for used in step["uses"])


def test_every_verdict_says_what_it_knows() -> None:
    first, second, third, fourth = as_data(four_steps(*EVERY_STATUS))["steps"]
    assert (first["verdict"], first["bound"], first["scope"]) == ("proved", -118.5, ["every width"])
    assert second["verdict"] == "refuted"
    assert second["witness"] == {
        "widths": [2, 3], "layer": 1, "entry": {"j": 1}, "values": {"z": "1/2"},
        "left": "1/3", "right": "2/3", "note": None,
    }  # fmt: skip
    assert (third["verdict"], third["why"]) == ("undecided", "the time was up")
    assert fourth["verdict"] == "not-understood"


def test_the_formulas() -> None:
    step = as_data(four_steps())["steps"][1]
    assert step["text"] == "δ^L_j = Σ_k ∂C/∂a^L_k ∂a^L_k/∂z^L_j"
    assert step["tex"].startswith(r"\delta^{L}_{j} = \sum_{k=1}^{n_{L}} \frac{\partial C}")
    assert step["uses"] == [1]
    assert as_data(four_steps())["steps"][3]["name"] == "BP1"


def test_the_table_of_formats() -> None:
    checked = four_steps()
    assert set(RENDERERS) == {"text", "latex", "md", "html", "pdf", "json"}
    for name in ("text", "latex", "md", "html"):
        assert "A title of mine" in RENDERERS[name](checked, title="A title of mine")
    assert RENDERERS["json"](checked, title="T")["title"] == "T"
