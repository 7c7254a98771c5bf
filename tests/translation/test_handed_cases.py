"""Translations made by hand and by real engines: the good are used, the bad are not."""

import json

import pytest

from bot.translation.checks import Rejected, check
from tests.material import shared_data

_GOOD, _BAD = 0.95, 0.9


@pytest.mark.parametrize(("kind", "least"), [("good", _GOOD), ("bad", _BAD)])
def test_of_the_handed_cases_nearly_all_are_told_apart(kind: str, least: float) -> None:
    with shared_data("translation_cases.jsonl").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    asked = [case for case in cases if case["kind"] == kind and "raw" not in case]
    wrong = []
    for case in asked:
        try:
            check(case["source"], case["translation"], language=case["language"])
            accepted = True
        except Rejected:
            accepted = False
        if accepted is not (kind == "good"):
            wrong.append(case["case"])
    assert len(wrong) <= (1 - least) * len(asked), wrong
