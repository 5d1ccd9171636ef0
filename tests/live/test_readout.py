import pytest

from emgmon.live import readout
from emgmon.live.readout import Bar, Column, Cue
from emgmon.live.state import Light, TrainState
from emgmon.model import CueWord, DeviceChanged, Notice, Phase

from .scenes import NAN, REST, SITES, frame, levels, noise, opened, rep_closed, reps_done, scenes, set_closed, streaming


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


def test_without_references_the_ring_says_so():
    ring = readout.ring(scene("no-reference"))
    assert (ring.label, ring.number, ring.share) == ("NO REFERENCE", "–", ())


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


def test_light_references_give_no_share_and_the_ring_says_why():
    state = after(opened(), frame(kind="T2", share={}))
    assert (readout.ring(state).label, readout.ring(state).number) == ("LIGHT REFERENCE", "–")
