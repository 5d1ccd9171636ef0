"""What the Review page says of a set, without a window."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.live.playing import Course
from emgmon.live.review_pair import pair, place_on_axis
from emgmon.live.review_picture import MOST_ROWS, nice_top, picture, raw_picture, rows_of, runs, thinned
from emgmon.live.review_set import clock, order_lines, passage, starts, whole
from emgmon.live.reviewing import Review
from emgmon.model import MUSCLES, Curve, Frame, Phase, Placement, Rep, RepSummary, Value

from .scenes import NAN, SITES, frame, levels, opened, set_closed

SHARES = (0.50, 0.52, 0.57, 0.44, NAN, 0.53)
TARGETS = ("unknown", "unknown", "met", "missed", "unknown", "missed")
ONSETS_MS = {"GL": 30.0, "GR": 50.0, "HL": -40.0, "EL": 10.0}


def rep(index: int, share: float, target: str, later_s: float = 0.0) -> RepSummary:
    start_s = 100.0 + 7.0 * index + later_s
    times = Rep(index, start_s, start_s + 1.0, start_s + 3.0 + 0.1 * index, start_s + 4.5)
    values = [
        Value("share_glute", "hold", "both", share, "1"),
        Value("level", "hold", str(SITES["GL"]), 0.4, "ref"),
        Value("sdi", "hold", "both", -0.1, "ln"),
        *(
            Value("onset", "con", str(SITES[name]), (at + 4 * (index % 2)) / 1000.0, "s")
            for name, at in ONSETS_MS.items()
        ),
        Value("onset", "con", str(SITES["ER"]), NAN, "s", "signal lost"),
        Value("onset_delay_h", "con", "both", 0.08, "s"),
    ]
    level = tuple(float(x) for x in 0.1 * index * np.clip(np.sin(np.linspace(0.0, np.pi, 255)), 0.0, 1.0))
    curves = tuple(Curve(SITES[name], start_s - 0.3, 0.02, level) for name in ("GL", "GR", "HL", "EL"))
    return RepSummary(times, tuple(values), curves, True, target)


def course(kind="T1", sets=1, measured_by=0) -> Course:
    made = Course()
    for number in range(1, sets + 1):
        later_s = 60.0 * (number - 1)
        reps = tuple(rep(k + 1, *of, later_s) for k, of in enumerate(zip(SHARES, TARGETS, strict=True)))
        made.add([replace(opened(number), t_s=90.0 + later_s)])
        for tick in range(int(60.0 / 0.02) - 1):
            t_s = 90.0 + later_s + 0.02 * (tick + 1)
            running = next((r for r in reps if r.rep.start_s <= t_s <= r.rep.end_s), None)
            leader = {"missed": "E", "met": "G"}.get(running.target, "") if running else ""
            phase = Phase.HOLD if running else Phase.REST
            made.add([frame(t_s=t_s, leader=leader, phase=phase, kind=kind, referenced=kind != "T4")])
        closed = set_closed(number)
        references = closed.summary.references
        summary = replace(closed.summary, reps=reps, references=references, start_s=90.0 + later_s)
        summary = replace(summary, measured_by=measured_by if number > 1 else 0)
        made.add([replace(closed, t_s=149.99 + later_s, summary=replace(summary, stop_s=149.99 + later_s))])
    return made


@pytest.fixture(scope="module")
def played() -> Course:
    return course()


@pytest.fixture
def shown(played, monkeypatch):
    """The set as if its references were maximal."""
    monkeypatch.setattr("emgmon.model.results.SetSummary.kind", property(lambda _self: "T1"))
    return passage(played, played.spans()[0])


def test_the_heading_counts_and_takes_the_middle(shown):
    assert shown.title == "Glute bridge, set 1"
    assert shown.parts == ("6 reps", "1 of 3 on target", "median glute share 52 %")


def test_columns_say_who_led_and_which_rep_does_not_count(shown):
    assert [block.leader for block in shown.blocks] == ["", "", "G", "E", "", "E"]
    assert [block.valid for block in shown.blocks] == [True, True, True, True, False, True]
    assert shown.mark == pytest.approx(0.51)
    heights = [block.height for block in shown.blocks]
    assert heights[2] == max(heights)
    assert all(0.0 < height <= 1.0 for height in heights)


def test_a_later_set_bears_the_mark_of_the_first(monkeypatch):
    monkeypatch.setattr("emgmon.model.results.SetSummary.kind", property(lambda _self: "T1"))
    made = course(sets=2, measured_by=1)
    known = [share for share in SHARES if np.isfinite(share)]
    assert passage(made, made.spans()[1]).mark == pytest.approx(sum(known) / len(known))


def test_without_references_no_rep_is_left_out_for_its_share(played):
    shown = passage(played, played.spans()[0])
    assert shown.kind == "T4"
    assert all(block.valid for block in shown.blocks)
    assert shown.parts[-1] == "no shares: no maximal references"
    assert np.isnan(shown.mark)


def test_onsets_are_means_of_both_sides_with_the_interval_of_the_set(shown):
    glutes, hamstrings, back = starts(shown.rep(2), shown.summary.reps)
    assert glutes.at_ms == pytest.approx(40.0)
    assert hamstrings.at_ms == pytest.approx(-40.0)
    assert 38.0 < glutes.low_ms < 42.0 < glutes.high_ms < 46.0
    assert back.at_ms == pytest.approx(10.0)
    (alone,) = [item for item in starts(shown.rep(2), shown.summary.reps[:3]) if item.group == "G"]
    assert np.isnan(alone.low_ms)


def test_an_onset_that_is_missing_says_why(shown):
    lost = tuple(value for value in shown.rep(1).values if value.where != str(SITES["EL"]))
    back = starts(replace(shown.rep(1), values=lost), ())[-1]
    assert (back.group, back.why) == ("E", "signal lost")
    assert np.isnan(back.at_ms)


def test_the_order_is_that_of_the_report(shown):
    lines = order_lines(shown.summary)
    assert lines[0] == "Over the set: glutes and hamstrings simultaneous within error."
    assert lines[1] == "A median under 100 ms is not called an order."


def test_one_scale_in_percent_for_all_groups(played, shown):
    drawn = picture(played, shown)
    assert drawn.percent
    assert len(set(drawn.tops)) == 1
    assert [row.title for row in drawn.rows] == ["Glutes", "Hamstrings", "Back"]
    assert drawn.level[str(SITES["GL"])][5] == pytest.approx(66.0)
    assert drawn.time_s[0] == pytest.approx(90.02 - 0.0625)
    assert drawn.legend == "% of reference"


def test_a_row_has_its_own_scale_without_references():
    played = course("T4")
    drawn = picture(played, passage(played, played.spans()[0]))
    assert not drawn.percent
    assert drawn.legend == "µV, each row its own scale"


def test_what_had_other_references_is_left_out():
    made = Course()
    made.add(
        [
            frame(t_s=0.02 * k, kind="T4" if k < 30 else "T1", level=levels(GL=300.0 if k < 30 else 0.5))
            for k in range(100)
        ]
    )
    shown = whole(made, 2.0)
    assert shown.kind == "T1"
    drawn = picture(made, shown)
    values = drawn.level[str(SITES["GL"])]
    assert np.nanmax(values) == pytest.approx(50.0)
    assert np.isfinite(values).sum() == 70


def test_rows_follow_the_screen_and_are_not_too_many():
    every = [Placement(muscle, side) for muscle in reversed(MUSCLES) for side in ("right", "left")]
    rows = rows_of(every)
    assert [row.group for row in rows[:5]] == ["G", "H", "E", "D", ""]
    assert [side for _name, side in rows[0].lines] == ["left", "right"]
    assert sum(len(row.lines) for row in rows) == len(every)
    time_s = np.arange(5.0)
    raw = raw_picture(time_s, {f"a emg {k}": time_s for k in range(11)}, whole(Course(), 5.0))
    assert len(raw.rows) == MOST_ROWS
    assert raw.legend.endswith("3 more not shown")


def test_two_reps_lie_phase_upon_phase(shown):
    two = pair(shown, 4, 1)
    assert [title for title, _begin, _end in two.bounds] == ["lift", "hold", "lower"]
    for number in (4, 1):
        times = shown.rep(number).rep
        other = shown.rep(1 if number == 4 else 4)
        places = [place_on_axis(shown.rep(number), other, t_s) for t_s in (times.start_s, times.top_s, times.end_s)]
        assert places == pytest.approx([0.0, two.bounds[0][2], 1.0])
    assert np.isnan(place_on_axis(shown.rep(4), shown.rep(1), times.start_s))
    peaks = [np.nanmax(item) for item in two.level["G"]]
    assert peaks == pytest.approx([40.0, 10.0], rel=0.02)


def test_a_difference_is_told_in_words(shown):
    lines = pair(shown, 4, 3).lines
    assert lines[0] == "Glute share 44 % against 57 %"
    assert lines[1].endswith(("points: no more than usual.", "points: this is more."))
    assert "Hold 2.4 s against 2.3 s" in lines
    assert "Glutes start at +40 ms against +44 ms" in lines


def test_a_pair_needs_two(shown):
    assert pair(shown, 4, 9) is None
    review = Review()
    review.shown = shown
    review.set_comparing(compares=True)
    assert review.other == 0  # before the first rep there is none to compare with


def test_sets_are_turned_over_like_pages():
    review = Review()
    review.course = course(sets=3)
    review.playing.course = review.course
    review.spans = review.course.spans()
    for number, expected in ((0, 0), (1, 1), (5, 2), (-3, 0)):
        review.show(number)
        assert review.number == expected
        assert review.shown.title.endswith(f"set {expected + 1}")
        assert review.playing.at_s == review.shown.blocks[0].start_s
        assert review.playing.bounds_s == pytest.approx((90.0 + 60.0 * expected, 149.99 + 60.0 * expected))
        assert len(review.playing.state.reps) == 0 or review.playing.state.set_index == expected + 1


@pytest.mark.parametrize(("t_s", "digits", "text"), [(47.13, 1, "0:47.1"), (59.97, 1, "1:00.0"), (605.0, 0, "10:05")])
def test_the_clock_never_says_sixty_seconds(t_s, digits, text):
    assert clock(t_s, digits) == text


@given(st.lists(st.floats(0.0, 1e4) | st.just(NAN), min_size=1, max_size=400), st.floats(1.0, 200.0))
def test_thinning_keeps_peaks_and_what_is_lost(values, wide):
    level = np.array(values)
    time_s = np.arange(level.size, dtype=float)
    thin_s, thin = thinned(time_s, level, wide)
    assert thin_s.size == thin.size <= max(level.size, 1)
    assert np.all(np.diff(thin_s) > 0)
    known = thin[np.isfinite(thin)]
    assert set(known) <= set(level[np.isfinite(level)])
    covered = level[: thin.size * (level.size // thin.size)]
    assert np.isfinite(covered).any() == bool(known.size)
    if known.size:
        assert known.max() == np.nanmax(covered)


@given(st.lists(st.booleans(), max_size=60))
def test_runs_are_all_that_is_true(there):
    found = runs(np.array(there, bool))
    assert sorted(k for begin, end in found for k in range(begin, end)) == [k for k, true in enumerate(there) if true]
    assert all(begin < end for begin, end in found)


@given(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=50))
def test_an_axis_holds_what_lasts(values):
    top = nice_top([np.array(values)], 10.0)
    assert top >= 10.0
    assert top >= 0.99 * np.percentile(values, 99.5)
    assert top <= max(10.0, 1.5 * 1.12 * max(values))


def test_an_axis_of_nothing_is_the_least():
    assert nice_top([np.array([NAN]), np.zeros(0)], 20.0) == 20.0


def test_a_frame_is_the_same_after_the_tape(played):
    first = next(event for event in played.tape.between((0, 0), played.tape.end) if isinstance(event, Frame))
    assert repr(first) == repr(frame(t_s=first.t_s, leader="", phase=Phase.REST, kind="T1", referenced=True))
