"""In CI nothing that needs another program or an extra is left out."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

MUST_BE_THERE = ("extra is not installed", "is not on PATH", "is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a test that is skipped because something is missing has failed."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if any(words in reason for words in MUST_BE_THERE):
            report.outcome = "failed"
            report.longrepr = f"in CI nothing is left out: {reason}"
    return report
