import math

import pytest

from emgmon.live import readout
from emgmon.live.readout import Bar, Column, Cue
from emgmon.live.state import Feedback, Light, Task, TrainState
from emgmon.model import CueWord, DeviceChanged, Notice, Phase, Placement, Reference, ReferenceTaken

from .scenes import (
    INDICES,
    NAN,
    REST,
    SHARES,
    SITES,
    frame,
    levels,
    noise,
    opened,
    rep_closed,
    reps_done,
    scenes,
    set_closed,
    streaming,
)


def after(*events) -> TrainState:
    state = TrainState()
    for event in events:
        state.apply(event)
    return state


def scene(name: str) -> TrainState:
    return after(*scenes()[name])


def test_on_target_shows_the_share_of_this_moment():
    state = scene("on-target")
    ring = readout.ring(state)
    assert (ring.label, ring.number, ring.dim) == ("GLUTE SHARE", "58", False)
    assert ring.share == (0.58, 0.27, 0.15)
    assert ring.mark == pytest.approx(0.5)
    assert ring.last == pytest.approx(0.53)
    assert readout.cue(state) == Cue("HOLD", "check", "G")
    assert readout.leader(state) == "G"


@pytest.mark.parametrize(
    ("name", "cue"),
    [
        ("hamstrings-lead", Cue("MORE GLUTE", "up", "H")),
        ("back-leads", Cue("EASE BACK", "down", "E")),
        ("lowering", Cue("LOWER", "down", "")),
        ("rest", Cue("REST", "pause", "")),
        ("lie-still", Cue("LIE STILL", "", "")),
        ("squeeze", Cue("SQUEEZE GLUTES", "", "")),
        ("connecting", Cue("CONNECTING", "", "")),
        ("set-done", Cue("DONE", "check", "")),
    ],
)
def test_one_word_says_what_to_do(name, cue):
    assert readout.cue(scene(name)) == cue


def test_before_the_first_frame_of_a_set_and_before_a_set_the_word_is_get_ready():
    assert readout.cue(after(opened())).text == "GET READY"
    assert readout.cue(after(frame())).text == "GET READY"


def test_at_rest_the_last_rep_is_shown_dimmed():
    ring = readout.ring(scene("rest"))
    assert (ring.label, ring.number, ring.dim) == ("LAST REP", "53", True)
    assert readout.leader(scene("rest")) == ""


def test_a_share_that_lingers_at_rest_is_not_shown():
    state = after(opened(), *reps_done(), frame(phase=Phase.REST, leader="", cue=CueWord.REST))
    assert readout.ring(state).label == "LAST REP"


def test_before_the_first_set_nobody_is_said_to_wear_nothing():
    bars = readout.bars(after(*streaming(("GR",)), frame(level={SITES["GR"]: 0.1})))
    assert {bar.kind for bar in bars.values()} == {"level", "empty"}


def test_at_rest_without_a_last_rep_there_is_no_number():
    ring = readout.ring(after(opened(), frame(**REST)))
    assert (ring.label, ring.number, ring.share, ring.mark) == ("GLUTE SHARE", "–", (), None)


def test_without_references_the_ring_tells_the_change_from_the_first_reps():
    ring = readout.ring(
        scene("no-reference")
    )  # the index is 0.32 above them, so glutes are exp(-0.32) of what they were
    assert (ring.label, ring.number, ring.unit, ring.note) == ("VS FIRST REPS", "−27", "%", "no reference")
    assert (ring.share, ring.group, ring.dim) == ((), "H", False)
    assert ring.needle == pytest.approx(-0.32 / math.log(3.0))
    better = readout.ring(scene("no-reference-better"))
    assert (better.number, better.group) == ("+65", "G")
    assert better.needle == pytest.approx(0.5 / math.log(3.0))


def test_a_change_within_the_noise_of_the_window_is_none():
    ring = readout.ring(scene("no-reference-same"))
    assert (ring.number, ring.unit, ring.needle) == ("SAME", "", 0.0)
    assert ring.band == pytest.approx(0.16 / math.log(3.0))


def test_the_needle_stays_on_the_ring():
    state = scene("no-reference")
    state.apply(frame(referenced=False, share={}, sdi=9.0, leader="E"))
    assert readout.ring(state).needle == -1.0


def test_light_references_compare_with_the_first_reps_too():
    ring = readout.ring(scene("light-reference"))
    assert (ring.note, ring.share, ring.group) == ("light reference", (), "E")


def test_without_references_nothing_is_said_before_the_first_reps_are_done():
    ring = readout.ring(scene("no-reference-first"))
    assert (ring.label, ring.number, ring.needle) == ("FIRST REPS", "–", None)


def test_without_references_the_last_rep_is_compared_at_rest():
    state = scene("no-reference")
    state.apply(frame(**REST | {"referenced": False, "sdi": NAN}))
    ring = readout.ring(state)  # 0.40 is the mean of the first two, and the last
    assert (ring.label, ring.number, ring.dim) == ("LAST REP", "SAME", True)


def test_without_references_a_column_is_measured_by_the_first_reps():
    reps = readout.reps(scene("no-reference"))
    assert reps.mark == readout.SAME_HEIGHT
    heights = [column.height for column in reps.columns[:6]]
    assert heights == pytest.approx([0.5 * math.exp(0.4 - sdi) for sdi in INDICES])
    assert reps.caption == "3 of 4 on target"


def test_a_running_rep_of_which_nothing_can_be_said_says_why():
    assert readout.ring(scene("too-little")).note == "too little to tell"
    assert readout.ring(scene("lost-at-work")).note == "no signal: GR"
    assert readout.ring(scene("lost-at-work")).label == "LAST REP"
    assert readout.ring(scene("rest")).note == ""


def test_a_set_is_measured_by_its_own_first_reps_as_in_the_analysis():
    state = after(*streaming(), opened(1), *[rep_closed(i, 0.6) for i in (1, 2, 3)], frame(), set_closed(1))
    assert state.mark() == pytest.approx(0.6)
    state.apply(opened(2))
    state.apply(rep_closed(1, 0.3))
    assert state.mark() is None
    state.apply(rep_closed(2, 0.4))
    assert state.mark() == pytest.approx(0.35)


@pytest.mark.parametrize(("muscle", "stays"), [("gluteus_maximus", False), ("tibialis_anterior", True)])
def test_a_reference_judged_once_more_in_a_set_voids_the_marks_that_were_measured_by_it(muscle, stays):
    first = (*streaming(), opened(1), *reps_done(), set_closed(1))
    state = after(*first, opened(2, measured_by=1), frame(rep=0))
    assert state.mark() is not None
    assert readout.bar(state, "G", "left").tick is not None
    state.apply(ReferenceTaken(253.0, (Reference(Placement(muscle, "left"), "T1", 250.0, "uv"),)))
    assert (state.mark() is not None) is stays
    assert (readout.bar(state, "G", "left").tick is not None) is stays


def test_a_later_set_is_measured_by_the_first_from_its_first_rep():
    state = after(*streaming(), opened(1), *[rep_closed(i, 0.6) for i in (1, 2, 3)], frame(), set_closed(1))
    state.apply(opened(2, measured_by=1))
    assert state.mark() == pytest.approx(sum(SHARES) / len(SHARES))  # of all reps of the closed set
    assert readout.reps(state).caption != "first reps set your mark"
    assert state.first_level(SITES["GL"]) is not None
    state.apply(frame(referenced=False, sdi=0.2, baseline_sdi=0.5))
    assert readout.ring(state).label == "VS FIRST SET"


def test_the_set_is_numbered_within_its_exercise():
    state = after(opened(1), set_closed(1), opened(2, exercise="clam", sets=1))
    assert readout.top_bar(state).set_text == "set 1"
    assert readout.top_bar(after(opened(1), set_closed(1), opened(2))).set_text == "set 2 of 3"
    assert readout.top_bar(after(opened(5))).set_text == "set 5", "more than were asked for"


@pytest.mark.parametrize(
    ("name", "label", "number", "cue"),
    [
        ("next-rep-in", "NEXT REP IN", "3", Cue("REST", "pause", "")),
        ("next-rep", "HOLD", "2.4", Cue("NEXT REP", "", "")),
        ("all-reps", "HOLD", "2.4", Cue("DONE", "check", "")),
        ("rest-between-sets", "NEXT SET IN", "42", Cue("REST", "pause", "")),
        ("next-set", "HOLD", "2.4", Cue("NEXT SET", "", "")),
        ("stretch", "TIME", "21", Cue("STAY", "", "")),
        ("stretch-done", "TIME", "60", Cue("SWITCH", "check", "")),
    ],
)
def test_how_long_yet(name, label, number, cue):
    state = scene(name)
    hold = readout.hold(state)
    assert (hold.label, hold.number) == (label, number)
    assert readout.cue(state) == cue


def test_after_the_last_set_asked_for_there_is_no_next():
    state = after(opened(3), set_closed(3), frame(**REST | {"t_s": 260.0}))
    assert readout.hold(state).label == "REST"


def test_movements_without_a_hold_are_not_paced():
    scene = [opened(hold_target_s=None, signal="steps"), rep_closed(1), frame(leader=""), frame(**REST)]
    assert readout.hold(after(*scene, frame(**REST | {"t_s": 253.0}))).label == "HOLD"


def test_what_begins_by_itself_is_counted_down():
    state = after(frame(**REST))
    state.task = Task("GET READY", "STARTS IN", 3.2)
    hold = readout.hold(state)
    assert (hold.label, hold.number, hold.running) == ("STARTS IN", "4", True)
    assert readout.cue(state).text == "GET READY"
    state.apply(opened())
    assert state.task is None


def test_a_set_by_the_clock_shows_the_time_left():
    ring = readout.ring(scene("stretch"))
    assert (ring.label, ring.number, ring.unit, ring.mark) == ("TIME LEFT", "39", "s", 0.5)
    assert ring.share == pytest.approx((21.4 / 60.0, 0.0, 0.0))
    assert readout.ring(scene("stretch-done")).number == "0"
    reps = readout.reps(scene("stretch"))
    assert (reps.label, reps.number, reps.target, reps.columns) == ("SET", "1", "/2", ())


@pytest.mark.parametrize(("feedback", "rep", "shown"), [("live", 7, True), ("after", 7, False), ("faded", 6, False)])
def test_a_running_rep_is_shown_or_only_what_came_of_it(feedback, rep, shown):
    state = after(*streaming(), opened(), *reps_done(), frame(leader="H", cue=CueWord.MORE_GLUTE, rep=rep))
    state.feedback = Feedback(feedback)
    assert readout.cue(state) == (Cue("MORE GLUTE", "up", "H") if shown else Cue("HOLD", "", ""))
    assert readout.ring(state).dim is not shown
    assert readout.bar(state, "G", "left").kind == ("level" if shown else "empty")
    assert readout.leader(state) == ("H" if shown else "")
    state.apply(frame(**REST))
    assert readout.ring(state).label == "LAST REP"
    assert readout.bar(state, "G", "left").kind == "level"


def test_faded_shows_every_other_rep():
    state = after(opened(), frame(rep=7))
    state.feedback = Feedback.FADED
    assert not readout.ring(state).dim
    assert readout.top_bar(state).set_text == "set 2 of 3 · every second rep"


def test_what_a_screen_reader_says():
    assert readout.spoken(scene("on-target")) == "Glute bridge, set 2 of 3, hold, rep 7/12"
    assert readout.spoken(scene("sensor-lost")).endswith("rep 6/12, GR reconnecting")


def test_a_group_that_is_not_worn_is_named():
    assert readout.ring(scene("not-worn")).label == "BACK NOT WORN"


def test_no_mark_before_two_reps():
    state = after(opened(), rep_closed(1, 0.5, "unknown"), frame(rep=2))
    assert readout.ring(state).mark is None
    assert readout.reps(state).mark is None
    assert readout.reps(state).caption == "first reps set your mark"


def test_columns_are_done_now_and_to_come():
    reps = readout.reps(scene("on-target"))
    kinds = [column.kind for column in reps.columns]
    assert kinds == ["unknown", "unknown", "met", "missed", "met", "met", "now", *["next"] * 5]
    assert reps.columns[3].height == pytest.approx(0.44 / 0.7)
    assert reps.mark == pytest.approx(0.5 / 0.7)
    assert (reps.number, reps.target, reps.caption) == ("7", "/12", "3 of 4 on target")


def test_columns_make_room_for_a_share_above_the_top():
    reps = readout.reps(after(opened(), rep_closed(1, 0.9)))
    assert reps.columns[0].height == pytest.approx(0.9 / 0.99)


def test_a_rep_without_share_is_a_low_column_and_only_the_last_columns_are_shown():
    reps = readout.reps(scene("not-worn"))
    assert len(reps.columns) == readout.MOST_COLUMNS
    assert reps.columns[0] == Column("unknown", readout.DONE_HEIGHT)
    assert (reps.number, reps.target, reps.caption) == ("31", "", "")


def test_the_hold_runs_only_in_the_hold():
    hold = readout.hold(scene("on-target"))
    assert (hold.number, hold.running, hold.fraction, hold.tick) == ("2.4", True, 0.6, 0.5)
    assert (hold.tick_text, hold.end_text, hold.phase, hold.group) == ("2", "4 s", "hold", "G")
    assert not readout.hold(scene("rest")).running
    assert readout.hold(scene("rest")).phase == "rest"


def test_without_a_hold_target_there_is_no_tick_and_a_long_hold_fills_the_bar():
    hold = readout.hold(after(opened(hold_target_s=None), frame(hold_s=12.34)))
    assert (hold.number, hold.fraction, hold.tick, hold.end_text) == ("12.3", 1.0, None, "4 s")


def test_a_lost_sensor_has_no_bar_a_crossed_light_and_a_pill():
    state = scene("sensor-lost")
    assert readout.bar(state, "G", "right") == Bar("lost")
    assert readout.bar(state, "G", "left").kind == "level"
    top = readout.top_bar(state)
    assert top.pill == "GR reconnecting"
    assert dict(top.lights)["GR"] is Light.LOST


def test_a_weak_sensor_has_a_light_and_its_share_goes_on():
    state = scene("on-target")
    assert dict(readout.top_bar(state).lights)["ER"] is Light.WEAK
    assert readout.top_bar(state).pill == ""


def test_a_sensor_without_place_has_a_light_of_its_own():
    top = readout.top_bar(after(*streaming(("GR",)), DeviceChanged(1.0, "hip-imu-12", "lost", (), None)))
    assert top.lights == (("GR", Light.GOOD), ("hip-imu-", Light.LOST))


def test_bars_of_groups_and_sides_that_are_not_worn():
    bars = readout.bars(scene("not-worn"))
    assert {key for key, bar in bars.items() if bar.kind == "level"} == {("G", "right"), ("H", "right")}
    assert {bar.kind for key, bar in bars.items() if key[0] == "E"} == {"absent"}
    assert {bar.kind for bar in readout.bars(TrainState()).values()} == {"empty"}


def test_a_full_bar_is_the_reference_or_the_largest_level():
    state = after(opened(), frame(level=levels(GL=0.5)))
    assert readout.bar(state, "G", "left").fill == pytest.approx(0.5)
    state.apply(frame(level=levels(GL=1.5)))
    state.apply(frame(level=levels(GL=0.75)))
    assert readout.bar(state, "G", "left").fill == pytest.approx(0.5)
    state.apply(frame(level=levels(GL=9.0)))
    assert readout.bar(state, "G", "left").fill == pytest.approx(1.0)
    state.apply(frame(level=levels(GL=1.0)))
    assert readout.bar(state, "G", "left").fill == pytest.approx(0.5)


def test_without_references_a_bar_is_a_share_of_the_channels_own_largest_level():
    state = after(opened(), *noise("GL", 0.0, 0.1))
    for level in (80.0, 20.0):
        state.apply(frame(referenced=False, share={}, level={SITES["GL"]: level, SITES["HL"]: 4.0}))
    assert readout.bar(state, "G", "left").fill == pytest.approx(0.25)
    assert readout.bar(state, "H", "left").fill == pytest.approx(0.4)  # noise never fills a bar


def test_the_tick_is_the_level_of_the_first_reps():
    state = after(opened(), rep_closed(1, level=0.4), rep_closed(2, level=0.6), frame())
    assert readout.bar(state, "G", "left").tick == pytest.approx(0.5)
    assert readout.bar(state, "H", "left").tick is None


@pytest.mark.parametrize(("clock_s", "text"), [(0.4, "00:00"), (252.9, "04:12"), (4000.0, "1:06:40")])
def test_the_clock(clock_s, text):
    assert readout.top_bar(after(frame(t_s=clock_s))).clock == text


def test_bars_are_bright_while_a_rep_runs():
    assert readout.at_work(after(opened(), frame(phase=Phase.CON, leader="", cue=CueWord.LIFT)))
    assert not readout.at_work(scene("rest"))


def test_a_notice_fades_and_is_not_said_twice():
    state = after(opened(), Notice(252.0, "The left sensor is loose."))
    assert readout.notice(state) == "The left sensor is loose."
    state.apply(frame(t_s=262.0))
    assert readout.notice(state) == ""
    assert readout.notice(after(Notice(1.0, "Lie still"))) == ""


def test_the_end_says_reps_and_the_share_of_both_halves():
    (line,) = readout.end_lines(after(set_closed(2, 0.53, 0.49)))
    assert line == "Glute bridge, set 2: 6 reps, glute share 53 % then 49 % (first, second half)"
    (line,) = readout.end_lines(after(set_closed(1, NAN, NAN)))
    assert line == "Glute bridge, set 1: 6 reps"


def test_reps_are_counted_by_the_larger_of_frame_and_finished():
    assert readout.reps(after(opened(), *reps_done(), frame(rep=3))).number == "6"
