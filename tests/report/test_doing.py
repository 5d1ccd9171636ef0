"""Number of reps, holds, sides and signs, in words, on the page and in JSON."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest

from emgmon.model import SignOfRep, SignOfSet
from emgmon.report import session_html, session_json, session_text
from emgmon.report.doing import count_text

RED = SignOfSet("knees_in", "Knees go in", "deg", "red", 12.4, 8, 1, 5)
NONE = SignOfSet("hold_sag", "Top sinks in the hold", "deg", "none", 1.0, 8, 0, 0)
UNSEEN = SignOfSet("feet_out", "Feet turn out", "deg", "not measured", math.nan, 0, 0, 0, "feet")


def done(make, *signs, **changes):
    """The full session, its eight reps by turns left and right, the second one held too short."""
    session = make["full"]()
    one = session.sets[0]
    reps = tuple(
        replace(
            rep,
            rep=replace(rep.rep, side=("left", "right")[rep.index % 2]),
            hold="short" if rep.index == 2 else "met",
            signs=(SignOfRep("knees_in", 12.4, "deg", "red"), SignOfRep("feet_out", math.nan, "deg", "not measured")),
        )
        for rep in one.reps
    )
    return replace(session, sets=(replace(one, reps=reps, signs=signs, **changes),))


@pytest.mark.parametrize(
    ("least", "most", "word", "text"),
    [
        (None, None, "", "8 reps"),
        (None, 8, "met", "8 of 8 reps"),
        (10, 12, "few", "8 of 10 to 12 reps, too few"),
        (8, 12, "met", "8 of 8 to 12 reps"),
        (4, 6, "many", "8 of 4 to 6 reps, too many"),
        (10, 8, "met", "8 of 8 reps"),
    ],
)
def test_the_number_of_reps_against_what_was_asked(make, least, most, word, text):
    session = make["full"]()
    session = replace(session, sets=(replace(session.sets[0], reps_from=least, reps_target=most, count=word),))
    assert count_text(session.sets[0]) == text
    assert session_json(session)["sets"][0]["count"] == word
    assert f", {text}\n" in session_text(session)
    assert text in session_html(session)


@pytest.mark.parametrize(
    ("least", "most", "count", "text"),
    [
        (4, 5, "met", "8 reps, 4 to 5 reps a side asked"),
        (5, 8, "few", "8 reps, 5 to 8 reps a side asked, too few"),
        (2, 3, "many", "8 reps, 2 to 3 reps a side asked, too many"),
    ],
)
def test_each_side_has_its_own_number(make, least, most, count, text):
    assert count_text(done(make, reps_from=least, reps_target=most, count=count).sets[0]) == text


def test_holds_sides_and_partial_reps_are_told(make):
    session = done(make, partial=2)
    text = session_text(session)
    assert "2 partial movements, not counted." in text
    assert "Sides: 4 left and 4 right." in text
    assert "Hold 2 to 4 s (within 0.25 s): 7 met, 1 short, 0 long." in text
    assert re.search(r"^ +2 .*left, hold short, knees in$", text, re.MULTILINE)
    assert "<small>left, hold short, knees in</small>" in session_html(session)


def test_signs_are_told_with_how_many_reps_and_what_was_not_seen(make):
    session = done(make, UNSEEN, NONE, RED)
    for shown in (session_text(session), session_html(session)):
        words = re.sub(r"\s+", " ", shown)
        assert "Knees go in: red, 6 of 8 reps, median 12 deg." in words
        assert "Not in 3 of 5 reps: top sinks in the hold." in words
        assert "Not measured: feet turn out (needs feet)." in words
    assert "no diagnosis" in session_text(session)
    assert "<h2>Signs</h2>" in session_html(session)


def test_a_clean_set_has_no_block_of_signs_on_its_page(make):
    page = session_html(done(make, NONE, UNSEEN))
    assert "<h2>Signs</h2>" not in page
    assert "<h2>Signs</h2>" in session_html(done(make, NONE, UNSEEN, exercise="overhead_squat"))
    assert "Signs (" in session_text(done(make, NONE, UNSEEN))
    assert "Signs (" not in session_text(done(make, UNSEEN))


def test_json_has_it_all(make):
    found = session_json(done(make, RED, UNSEEN, partial=1, reps_from=6))["sets"][0]
    json.dumps(found, allow_nan=False)
    assert (found["partial"], found["reps_from"], found["reps_target"]) == (1, 6, 8)
    assert [(sign["name"], sign["level"], sign["median"]) for sign in found["signs"]] == [
        ("knees_in", "red", 12.4),
        ("feet_out", "not measured", None),
    ]
    second = found["reps"][1]
    assert (second["hold"], second["side"], second["first"], second["source"]) == ("short", "left", "con", "")
    assert [(sign["name"], sign["value"]) for sign in second["signs"]] == [("knees_in", 12.4), ("feet_out", None)]


def test_signs_take_the_room_of_notes_on_a_full_page(make):
    crowded = make["crowded"]()
    page = session_html(replace(crowded, sets=(replace(crowded.sets[0], signs=(RED, NONE, UNSEEN)),)))
    assert "7 more notes in the JSON summary" in page
    assert "4 more notes in the JSON summary" in session_html(crowded)
