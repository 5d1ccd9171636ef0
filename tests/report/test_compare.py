"""The page, the text and the JSON of a comparison over weeks."""

import json
import math
import re
from dataclasses import replace

import pytest
from histories import past, weeks
from hypothesis import given, settings
from hypothesis import strategies as st
from justhtml import JustHTML

from emgmon.metrics.comparable import Asked
from emgmon.metrics.weeks import compare, sideways
from emgmon.report import session_html
from emgmon.report.axes import axes_of, change_text, since_text, value_text
from emgmon.report.compare import over_weeks, side_text, weeks_html, weeks_json, weeks_section, weeks_text
from emgmon.report.telling import name_of, told
from emgmon.report.weeks_charts import weeks_chart

HOSTILE = '<script>alert("x")</script>'
HISTORIES = {
    "one day": weeks(1),
    "three days": weeks(3),
    "eight weeks": weeks(19, -0.55, seed=12),
    "no change": weeks(12, seed=3),
    "no references": [replace(item, kind="T4") for item in weeks(8)],
    "one red day": [*weeks(8), replace(past(20, {"sdi": 3.0}), placement="red")],
    "tension": [replace(item, tension=5.0, pain=1.0) for item in weeks(8)],
    "simulated": [replace(item, simulated=True) for item in weeks(8)],
    "hostile": [replace(item, exercise_title=HOSTILE) for item in weeks(8)],
}


@pytest.fixture(params=HISTORIES)
def shown(request):
    return over_weeks(HISTORIES[request.param])


def test_every_history_is_a_page_that_fetches_and_runs_nothing(shown):
    page = weeks_html([shown], person=HOSTILE)
    assert JustHTML(page, collect_errors=True).errors == []
    assert "<script" not in page
    assert not re.search(r"https?://|xmlns|@import|nan|inf\b", re.sub(r"base64,[^)]*|<title>.*?</title>", "", page))
    assert page.count("<section") == 1
    assert "not a diagnosis" in page


def test_text_and_json_say_the_same_as_the_page(shown):
    said = told(shown.main)
    assert weeks_text(shown)[0] == said.title
    known = json.loads(json.dumps(weeks_json([shown]), allow_nan=False))
    assert known["comparisons"][0]["title"] == said.title
    assert known["comparisons"][0]["main"]["word"] == shown.main.word


def test_titles_say_what_the_word_allows():
    clear = over_weeks(weeks(24, -1.2, seed=2)).main
    assert clear.word == "clear"
    size = change_text(clear, clear.change)
    assert told(clear).title == f"Hamstrings and back to glutes down to {size} since September"
    probable = replace(clear, word="probable")
    assert "probably down" in told(probable).title
    none = over_weeks(HISTORIES["no change"]).main
    assert told(none).title == "Hamstrings and back to glutes: no change beyond measurement error"
    assert "cannot be compared" in told(over_weeks(HISTORIES["no references"]).main).title
    assert "A second day" not in told(over_weeks(HISTORIES["one day"]).main).lead
    assert "a second day" in told(over_weeks(HISTORIES["one day"]).main).lead


def test_direction_is_judged_only_beyond_error():
    assert "trained for" in told(over_weeks(weeks(24, -1.2, seed=2)).main).lead
    assert "away from" in told(over_weeks(weeks(24, 1.2, seed=2)).main).lead
    assert "trained for" not in told(over_weeks(HISTORIES["no change"]).main).lead


def test_a_share_is_told_in_points():
    found = compare(weeks(24, -1.2, seed=2), "bridge_2leg", "share_glute")
    first, last = found.ends
    assert change_text(found, found.change) == f"+{100 * (last - first):.0f} points"
    assert told(found).title.startswith("Glute share probably up ")


def test_small_things_in_words():
    assert value_text(0.012, "s") == "+12 ms"
    assert value_text(math.log(2), "ln") == "×2.00"
    assert value_text(math.nan, "ln") == "–"
    assert since_text("2026-09-01", "2026-11-04") == "September"
    assert since_text("2026-09-01", "2026-09-20") == "1 Sep"
    assert since_text("2025-09-01", "2026-11-04") == "September 2025"
    assert name_of(Asked("x", "symmetry", "hold", "G")) == "Right to left, glutes, hold"
    assert name_of(Asked("x", "level", "act", "biceps_femoris/left")) == "Activation, biceps femoris, left, whole rep"
    assert name_of(Asked("x", "nobody_knows", "", "?")) == "nobody_knows, ?"


@settings(max_examples=40)
@given(st.integers(1, 30), st.floats(0.0, 4000.0), st.floats(-3.0, 3.0))
def test_axes_hold_everything_that_counts(days, span, change):
    found = compare(weeks(days, change, span=span), "bridge_2leg")
    axes = axes_of(found)
    assert axes.low < min(day.value for day in found.days)
    assert max(day.value for day in found.days) < axes.high
    assert 1 <= len(axes.ticks) <= 9
    assert 1 <= len(axes.dates) <= 8
    assert "nan" not in weeks_chart(found)


def test_a_filled_dot_is_outside_the_band_and_a_cross_does_not_count():
    shown = over_weeks([*weeks(24, -1.2, seed=2), replace(past(20, {"sdi": 3.0}), placement="red")])
    drawing = weeks_chart(shown.main)
    assert drawing.count("not counted (placement)") == 1
    filled = len(re.findall(r"<circle[^>]*><title>[^<]*</title></circle>", drawing))
    assert filled == sum(day.used for day in shown.main.days)
    assert drawing.count('fill="#101820" stroke="#FFF"') == sum(day.outside for day in shown.main.days)


def test_a_report_takes_the_page_in_as_its_last(make):
    session = make["full"]()
    alone = session_html(session)
    with_weeks = session_html(session, weeks=weeks_section(over_weeks(HISTORIES["eight weeks"])))
    assert with_weeks.count("<section") == alone.count("<section") + 1
    assert with_weeks.index("over the weeks") > with_weeks.index("Three questions")
    assert JustHTML(with_weeks, collect_errors=True).errors == []


def test_two_sets_side_by_side_in_words():
    lines = side_text(sideways(past(0, {"sdi": 0.0}), replace(past(30, {"sdi": 1.0}), load_kg=10.0)))
    assert any("×2.72" in line and "more than error" in line for line in lines)
    other = side_text(sideways(past(0, {"sdi": 0.0}), replace(past(30, {"sdi": 1.0}), kind="T2")))
    assert "Different references (T1 and T2)." in other


def test_nothing_to_compare_is_none():
    assert over_weeks([]) is None


def test_only_the_chosen_exercise_is_judged_and_the_others_are_exploratory():
    bridges, lunges = weeks(24, -1.2, seed=2), weeks(20, -1.2, seed=2, exercise="lunge")
    lunges = [replace(item, session=f"l{item.session}") for item in lunges]
    history = [*bridges, *lunges]
    assert not over_weeks(history).main.exploratory
    assert over_weeks(history, "lunge").main.exploratory
    assert not over_weeks(history, "lunge", chosen="lunge").main.exploratory
    assert over_weeks(history, "bridge_2leg", chosen="lunge").main.exploratory
    assert over_weeks(history, chosen="never done").main.asked.exercise == "bridge_2leg"
    assert over_weeks(history, "never done") is None


def test_left_against_right_over_weeks_is_told_against_its_own_error():
    even = compare(weeks(12, seed=3), "bridge_2leg", "symmetry", where="G")
    assert told(even).notes[0].startswith("On the last days the sides are ×1.0")
    assert "not more than error" in told(even).notes[0]
    apart = [past(4 * n, {"symmetry@G": -0.9}) for n in range(8)]
    assert "the left side is larger by ×2.46" in told(compare(apart, "bridge_2leg", "symmetry", where="G")).notes[0]
