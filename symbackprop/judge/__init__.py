"""The judge: what a statement means, and whether it is true."""

from symbackprop.judge.decide import check, judge, prove
from symbackprop.judge.verdict import Checked, Status, Verdict, Witness

__all__ = ["Checked", "Status", "Verdict", "Witness", "check", "judge", "prove"]
