from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emgmon.model import SetSummary
from emgmon.report.finding import CLEAR_LN, direction, find
from emgmon.report.reading import read_set


def said(summary: SetSummary) -> tuple[str, str]:
    found = find(summary, read_set(summary))
    return found.rule, found.title


def with_estimate(summary: SetSummary, metric: str, **changes: float) -> SetSummary:
    """Change one estimate of the hold, both sides."""
    return replace(
        summary,
        estimates=tuple(
            replace(item, **changes) if (item.metric, item.phase, item.where) == (metric, "hold", "both") else item
            for item in summary.estimates
        ),
    )


def change(
    summary: SetSummary, by: float, bounds: tuple[float, float], metrics: tuple[str, ...] = ("sdi",)
) -> SetSummary:
    for metric in metrics:
        halves = {"first": 0.0, "last": by, "change_low": bounds[0], "change_high": bounds[1]}
        summary = with_estimate(summary, metric, **halves)
    return summary


@pytest.mark.parametrize(
    ("by", "bounds", "rule"),
    [
        (CLEAR_LN + 0.01, (0.01, 0.09), "took_over"),
        (CLEAR_LN - 0.01, (0.01, 0.09), "steady"),
        (CLEAR_LN + 0.01, (-0.01, 0.09), "steady"),
        (CLEAR_LN, (0.01, 0.09), "steady"),
        (-CLEAR_LN - 0.01, (-0.09, -0.01), "glutes"),
        (-CLEAR_LN - 0.01, (-0.09, 0.01), "steady"),
        (0.0, (-0.01, 0.01), "steady"),
    ],
)
def test_a_change_needs_its_size_and_an_interval_that_excludes_zero(make, by: float, bounds, rule: str) -> None:
    assert said(change(make["full"]().sets[0], by, bounds))[0] == rule


def test_the_titles_in_words(make) -> None:
    one = make["full"]().sets[0]
    parts = ("sdi", "log_ratio_h", "log_ratio_e")
    both = change(one, 0.5, (0.02, 0.09), parts)
    assert said(both)[1] == "Hamstrings and back took over in the second half"
    only_back = change(change(one, 0.5, (0.02, 0.09), parts), 0.1, (-0.02, 0.03), ("log_ratio_h",))
    assert said(only_back)[1] == "Back took over in the second half"
    neither = change(change(one, 0.5, (0.02, 0.09)), 0.3, (-0.02, 0.09), parts[1:])
    assert said(neither)[1] == "Hamstrings and back took over in the second half"
    assert said(change(one, -0.5, (-0.09, -0.02)))[1] == "Glutes took a larger part in the second half"
    assert said(change(one, 0.0, (-0.01, 0.01)))[1] == "No clear change over the set"


@pytest.mark.parametrize(("bounds", "words"), [((-0.1, 0.2), "is unlikely"), ((-0.1, 0.3), "cannot be excluded")])
def test_no_clear_change_says_whether_one_can_be_excluded(make, bounds, words: str) -> None:
    one = change(make["full"]().sets[0], 0.05, (-0.02, 0.04))
    one = with_estimate(one, "sdi", change_low=bounds[0], change_high=bounds[1])
    assert words in find(one, read_set(one)).lead


def test_fewer_than_five_reps_are_too_few(make) -> None:
    assert said(make["three"]().sets[0]) == ("few", "5 reps or more are needed to say how the set went")


def test_less_than_sixty_percent_of_the_reps_is_too_little(make) -> None:
    one = make["several"]().sets[2]
    reps = tuple(replace(rep, valid=rep.index <= 17) for rep in one.reps)
    assert said(replace(one, reps=reps))[0] == "lost"
    reps = tuple(replace(rep, valid=rep.index <= 18) for rep in one.reps)
    assert said(replace(one, reps=reps))[0] != "lost"


def test_without_an_interval_nothing_is_said(make) -> None:
    one = with_estimate(make["full"]().sets[0], "sdi", change_low=math.nan, change_high=math.nan)
    assert said(one) == ("no_interval", "How the set went cannot be said")
    assert said(replace(one, estimates=()))[0] == "no_interval"


def test_a_missing_group_is_named_in_the_title(make) -> None:
    assert said(make["walk"]().sets[0])[1].endswith("(glutes and hamstrings only)")
    one = make["full"]().sets[0]
    reps = tuple(
        replace(rep, values=tuple(v for v in rep.values if v.metric != "level" or v.where.startswith("biceps")))
        for rep in one.reps
    )
    silent = tuple(
        replace(rep, values=tuple(v for v in rep.values if v.metric not in {"sdi", "log_ratio_h", "log_ratio_e"}))
        for rep in reps
    )
    assert said(replace(one, reps=silent)) == ("no_index", "The glutes were not measured, so nothing is compared")


def test_no_words_that_the_numbers_do_not_allow(make) -> None:
    for build in make.values():
        for one in build().sets:
            found = find(one, read_set(one))
            text = f"{found.title} {found.lead}".lower()
            assert not any(word in text for word in ("dominant", "weak", "strength", "power", "diagnos", "amnesia"))


def test_without_any_change_the_rule_hardly_ever_speaks(make) -> None:
    """Simulated sets of 8 to 12 reps without a change: spread 12 %, neighbours alike (autocorrelation 0.3)."""
    rng = np.random.default_rng(5)
    spoken, runs = 0, 2000
    for _ in range(runs):
        n = int(rng.integers(8, 13))
        noise = rng.normal(size=n + 20)
        for k in range(1, len(noise)):
            noise[k] = 0.3 * noise[k - 1] + math.sqrt(1 - 0.09) * noise[k]
        value = 0.12 * noise[-n:]
        first, last = value[: n // 2], value[(n + 1) // 2 :]
        change_s = last.mean() - first.mean()
        error = math.sqrt(first.var(ddof=1) / len(first) + last.var(ddof=1) / len(last))
        estimate = next(e for e in make["full"]().sets[0].estimates if e.metric == "sdi")
        estimate = replace(
            estimate, first=0.0, last=change_s, change_low=change_s - 2.0 * error, change_high=change_s + 2.0 * error
        )
        spoken += direction(estimate) != 0
    assert spoken / runs < 0.04
