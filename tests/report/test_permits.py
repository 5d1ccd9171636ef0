"""What a report may say depends on the references: nothing compares muscles by level without maximal ones."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from emgmon.exercise.reference import PERMITS
from emgmon.model import SessionSummary, SetSummary
from emgmon.report import session_html, session_json, session_text
from emgmon.report.finding import find
from emgmon.report.headline import headlines
from emgmon.report.reading import read_set

COMPARING = re.compile(
    r"domina|took over|takes? over|larger part|smaller part|does the work|did the work|most active|least active"
    r"|(more|less) (hamstring|glute|back)|(stronger|weaker|higher|lower) than|equal parts|same part of"
    r"|glutes? \d+ ?%|share, ",
    re.IGNORECASE,
)
"""Words that hold levels of two muscles against each other."""


def as_kind(summary: SetSummary, kind: str) -> SetSummary:
    """The same numbers, of references of another kind."""
    return replace(summary, references=tuple(replace(item, kind=kind) for item in summary.references))


def said(session: SessionSummary) -> str:
    """Everything that a reader sees, in one line."""
    html = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", session_html(session), flags=re.DOTALL)
    parts = [re.sub(r"<[^>]+>", " ", html), session_text(session)]
    for one in session.sets:
        reading = read_set(one)
        found = find(one, reading)
        parts += [found.title, found.lead]
        parts += [f"{item.label} {item.value} {item.note}" for item in headlines(one, reading)]
    return " ".join(" ".join(parts).split())


def made(rng: np.random.Generator, kind: str, build) -> SessionSummary:
    """A session of chance: groups, sides, reps, levels that drift, reps that do not count."""
    groups = [("G", "H", "E"), ("G", "H"), ("G", "E"), ("G",), ("H", "E")][
        rng.choice(5, p=[0.6, 0.15, 0.15, 0.05, 0.05])
    ]
    sides = (("left", "right"), ("left",), ("right",))[rng.integers(3)]
    unit = "uv" if kind == "T4" else "ref"
    count = int(rng.integers(0, 15))
    start, drift = rng.lognormal(-1, 0.6, len(groups)), rng.normal(0, 0.08, len(groups))
    reps = [
        build.make_rep(
            k + 1,
            {g: float(a * math.exp(d * k + rng.normal(0, 0.05))) for g, a, d in zip(groups, start, drift, strict=True)},
            sides=sides,
            unit=unit,
            hold_s=float(rng.choice([0.0, 2.5])),
            right_over_left=float(rng.lognormal(0, 0.3)),
            target=str(rng.choice(["met", "missed", "unknown"])),
            valid=bool(rng.random() < 0.85),
        )
        for k in range(count)
    ]
    return build.make_session(as_kind(build.make_set(reps, unit=unit), kind))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["T2", "T4"])
def test_no_sentence_compares_levels_without_maximal_references(build, kind):
    rng = np.random.default_rng([7, int(kind[1])])
    rules = set()
    for _ in range(120):
        session = made(rng, kind, build)
        rules |= {find(one, read_set(one)).rule for one in session.sets}
        text = said(session)
        hit = COMPARING.search(text)
        assert hit is None, text[max(0, hit.start() - 80) : hit.end() + 40]
    assert {"took_over", "glutes", "steady", "few", "no_index"} <= rules


def test_with_maximal_references_the_same_words_are_there(make):
    """So the check above can fail."""
    text = said(make["full"]())
    found = {hit.group().lower() for hit in COMPARING.finditer(text)}
    assert {"took over", "does the work", "most active"} <= found


@pytest.mark.parametrize("kind", ["T2", "T4"])
def test_words_of_change_take_the_place_of_words_of_level(make, kind):
    session = make["full"]() if kind == "T2" else None
    one = as_kind(make["full"]().sets[0], "T2") if session else make["walk"]().sets[0]
    reading = read_set(one)
    assert reading.kind == kind
    assert not reading.comparable
    assert reading.zero != 0.0
    assert headlines(one, reading)[0].label == "Second half against first"
    if session:
        assert find(one, reading).title == "Hamstrings and back gained on the glutes in the second half"
        assert "each relative to its reference task" in headlines(one, reading)[2].note
        assert "% of reference task" in session_html(replace(session, sets=(one,)))


def test_the_summary_names_the_kind_and_what_it_rests_on(make):
    one = as_kind(make["full"]().sets[0], "T2")
    (plain,) = session_json(replace(make["full"](), sets=(one,)))["sets"]
    assert plain["reference_kind"] == "T2"
    assert {"kind", "level", "unit", "position", "trials", "load_kg", "origin", "cut_off"} <= plain["references"][
        0
    ].keys()


def test_every_kind_permits_changes_within_the_session_and_only_the_maximal_one_norms():
    assert all(permit.session for permit in PERMITS.values())
    assert [kind for kind, permit in PERMITS.items() if permit.norms] == ["T1"]
    assert [kind for kind, permit in PERMITS.items() if permit.levels] == ["T1"]
