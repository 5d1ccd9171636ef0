from __future__ import annotations

import math

import pytest

from emgmon.report import wording


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (wording.number(-0.04), "0.0"),
        (wording.number(-2.55, 1), "−2.5"),
        (wording.number(math.nan), "–"),
        (wording.signed(0.351), "+0.35"),
        (wording.signed(-0.351), "−0.35"),
        (wording.signed(0.001), "0.00"),
        (wording.signed(math.inf), "–"),
        (wording.percent(0.536), "54"),
        (wording.factor(math.log(1.42)), "×1.42"),
        (wording.factor(math.nan), "–"),
        (wording.interval(-0.1, 0.2), "−0.10 to +0.20"),
        (wording.interval(math.nan, 0.2), "–"),
        (wording.flagged("4", "<="), "≤4"),
        (wording.flagged("–", "<="), "–"),
        (wording.listing([1, 2, 3]), "1, 2 and 3"),
        (wording.listing([]), ""),
        (wording.plural(1, "rep"), "1 rep"),
        (wording.moment("2026-11-22T18:04:30Z"), "22 Nov 2026, 18:04 UTC"),
        (wording.moment("2026-11-22T18:04:30+02:00"), "22 Nov 2026, 16:04 UTC"),
        (wording.moment("some day"), "some day"),
        (wording.length(200.4), "3 min 20 s"),
        (wording.length(math.nan), "–"),
    ],
)
def test_wording(text: str, expected: str) -> None:
    assert text == expected
