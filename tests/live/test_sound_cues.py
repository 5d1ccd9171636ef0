"""What the screen says as a change of state can be heard, and the tone follows the frame."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from emgmon.exercise.cues import CueSettings
from emgmon.live import readout
from emgmon.live.cues_sound import HIGHEST_HZ, LIGHTS, LOWEST_HZ, REPS, WORDS, Listener, Sound
from emgmon.live.state import Light, TrainState
from emgmon.model import CueWord, DeviceChanged, Notice, Phase, QualityChanged, ReferenceTaken

from .scenes import NAN, REST, SITES, frame, levels, noise, opened, rep_closed, scenes, set_closed, streaming

SHARED = (Sound.GLUTE_ON, Sound.TICK, Sound.HOLD_REACHED, Sound.HOLD_LONG)


def after(*events, fade: bool = False) -> Listener:
    listener = Listener(fade=fade)
    for event in events:
        listener.take(event)
    return listener


def share(glute: float) -> dict[str, float]:
    return {"G": glute, "H": 0.6 * (1 - glute), "E": 0.4 * (1 - glute)}


def test_every_state_of_the_screen_has_a_sound_of_its_own():
    assert {word.value for word in CueWord} < set(WORDS)
    assert set(LIGHTS) == set(Light)
    assert set(REPS) == {"met", "missed", "unknown"}
    used = [*WORDS.values(), *LIGHTS.values(), *REPS.values()]
    assert len(used) == len(set(used))
    said = {Sound.PROMPT, Sound.NOTICE, Sound.REFERENCE, Sound.SET_START}
    assert set(Sound) == {*used, *SHARED, *said}


def test_every_sound_is_in_the_document():
    page = (Path(__file__).parents[2] / "docs" / "sound.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \|", page.partition("## The short sounds")[2].partition("##")[0], re.MULTILINE)
    assert sorted(rows[1:]) == sorted(Sound)


@pytest.mark.parametrize("scene", scenes())
def test_each_word_that_appears_is_heard(scene):
    """Whenever the screen's word changes, something is heard in the same moment."""
    state, listener, word = TrainState(), Listener(), ""
    for event in scenes()[scene]:
        state.apply(event)
        sounds = listener.take(event)
        if (now := readout.cue(state).text) != word:
            assert sounds
            word = now


@pytest.mark.parametrize("word", CueWord)
def test_each_cue_word(word):
    other = CueWord.LIFT if word is not CueWord.LIFT else CueWord.REST
    phase = Phase.REST if CueWord.REST in {word, other} else Phase.CON
    listener = after(*streaming(), opened(), frame(cue=other, phase=phase))
    assert listener.take(frame(cue=word, phase=phase)) == (WORDS[word.value],)
    assert listener.take(frame(cue=word, phase=phase)) == ()


def test_a_headline_and_its_end():
    listener = after(*streaming(), frame())
    assert listener.take(Notice(253.0, "Squeeze glutes")) == (Sound.PROMPT,)
    assert listener.take(ReferenceTaken(258.0, ())) == (Sound.REFERENCE,)
    assert listener.take(Notice(259.0, "The contraction was left out.")) == (Sound.NOTICE,)


def test_a_set_from_start_to_end():
    listener = after(*streaming())
    assert listener.take(opened()) == (Sound.SET_START,)
    assert listener.take(rep_closed(1, target="unknown")) == (Sound.REP_DONE,)
    assert listener.take(rep_closed(2, target="met")) == (Sound.REP_MET,)
    assert listener.take(rep_closed(3, target="missed")) == (Sound.REP_MISSED,)
    assert listener.take(rep_closed(4, target="met", valid=False)) == (Sound.REP_DONE,)
    bare = rep_closed(5, NAN, target="missed", sdi=0.4)  # no share without references, and yet a target
    assert listener.take(bare) == (Sound.REP_MISSED,)
    assert listener.take(set_closed()) == (Sound.SET_END,)


def hold(listener: Listener, to_s: float, at_s: float = 300.0) -> list[tuple[float, Sound]]:
    heard = []
    for k in range(round(to_s * 50) + 1):
        cue = CueWord.HOLD if k < 200 else CueWord.LOWER
        heard += [(k / 50, sound) for sound in listener.take(frame(t_s=at_s + k / 50, hold_s=k / 50, cue=cue))]
    return heard


def test_a_tick_each_second_of_a_hold_and_its_limits():
    listener = after(*streaming(), opened(), frame(hold_s=0.0))
    assert hold(listener, 5.5) == [
        (1.0, Sound.TICK),
        (2.0, Sound.HOLD_REACHED),
        (3.0, Sound.TICK),
        (4.0, Sound.HOLD_LONG),
        (5.0, Sound.TICK),
    ]
    assert listener.take(frame(t_s=306.0, phase=Phase.ECC, hold_s=5.5, cue=CueWord.LOWER)) == ()
    listener.take(frame(t_s=307.0, **REST))
    assert hold(listener, 1.2, 310.0)[-1] == (1.0, Sound.TICK)


def test_a_hold_without_limits_ticks():
    listener = after(*streaming(), opened(hold_target_s=None), frame(hold_s=0.0))
    assert [sound for _, sound in hold(listener, 3.9)] == [Sound.TICK] * 3


def test_a_hold_that_missed_frames_is_one_sound():
    listener = after(*streaming(), opened(), frame(hold_s=0.5))
    assert listener.take(frame(hold_s=3.5)) == (Sound.HOLD_REACHED,)


def glutes(listener: Listener, *on: bool, at_s: float = 260.0, **changed) -> list[float]:
    """Moments, in steps of 20 ms from the first, at which "glute on" is heard."""
    moments = []
    for k, now in enumerate(on):
        if Sound.GLUTE_ON in listener.take(frame(t_s=at_s + 0.02 * k, glute_on=now, **changed)):
            moments.append(k)
    return moments


def test_a_glute_that_begins_is_heard_once():
    listener = after(*streaming(), opened(), frame(t_s=259.0))
    flicker = [True, False, True, True, False, False, True]
    assert glutes(listener, False, False, *flicker, *[False] * 23, True, *[False] * 25, True) == [2, 58]


def test_a_glute_is_not_heard_outside_a_set_nor_in_a_rep_without_feedback():
    assert glutes(after(*streaming(), frame(t_s=259.0)), False, True) == []
    assert glutes(after(*streaming(), opened(), frame(t_s=259.0), fade=True), False, True, rep=2) == []
    assert glutes(after(*streaming(), opened(), frame(t_s=259.0), fade=True), False, True, rep=3) == [1]


def test_a_glute_that_begins_hides_no_other_sound():
    listener = after(*streaming(), opened(), frame(t_s=259.0, **REST))
    sounds = listener.take(frame(t_s=260.0, glute_on=True, phase=Phase.CON, cue=CueWord.LIFT))
    assert sounds == (Sound.LIFT, Sound.GLUTE_ON)


def test_lights():
    listener = after(*streaming(), opened(), frame())
    lost = DeviceChanged(253.0, "sensor-gr", "lost", (SITES["GR"],), None)
    assert listener.tone() is not None
    assert listener.take(lost) == (Sound.SENSOR_LOST,)
    assert listener.tone() is None
    assert listener.take(lost) == ()
    assert listener.take(DeviceChanged(254.0, "sensor-gr", "connected", (), None)) == (Sound.SENSOR_WEAK,)
    assert listener.take(DeviceChanged(255.0, "sensor-gr", "streaming", (), None)) == (Sound.SENSOR_GOOD,)
    assert listener.tone() is not None


def test_a_light_that_flickers_is_heard_once_in_half_a_minute():
    listener, heard = after(*streaming(), opened(), frame()), []
    for second in range(65):
        state = "amber" if second % 2 == 0 else "good"
        heard += listener.take(QualityChanged(253.0 + second, SITES["HL"], state, "MAR", "Fix the cable."))
    assert heard.count(Sound.SENSOR_WEAK) == heard.count(Sound.SENSOR_GOOD) == 3
    lost = DeviceChanged(319.0, "sensor-gr", "lost", (SITES["GR"],), None)
    again = [lost, replace(lost, state="streaming")] * 3
    assert [listener.take(event) for event in again] == [(Sound.SENSOR_LOST,), (Sound.SENSOR_GOOD,)] * 3


def test_notices_that_come_close_are_one_sound():
    listener, heard = after(*streaming(), opened(), frame()), []
    for second in range(20):
        heard += listener.take(Notice(253.0 + second, f"Number {second}."))
    assert heard == [Sound.NOTICE] * 2


def test_nothing_below_the_floor_and_between_reps():
    below = {"share": {}, "sdi": math.nan, "leader": ""}
    assert after(*streaming(), opened(), frame(**below)).tone() is None
    assert after(*streaming(), opened(), frame(**REST)).tone() is None
    assert after(*streaming(), frame()).tone() is None
    assert after(*streaming(), opened(), frame(), set_closed()).tone() is None


def test_pitch_is_the_glute_share():
    listener = after(*streaming(), opened())

    def pitch_hz(glute: float) -> float:
        listener.take(frame(share=share(glute)))
        return listener.tone().pitch_hz

    pitches = [pitch_hz(glute) for glute in (0.25, 0.5, 0.75)]
    assert pitches == pytest.approx([220.0, 440.0, 880.0])
    assert (pitch_hz(0.0), pitch_hz(1.0)) == (LOWEST_HZ, HIGHEST_HZ)


def test_pitch_is_the_relative_index_where_there_is_no_share():
    listener = after(*streaming(), opened())

    def pitch_hz(**changed) -> float:
        listener.take(frame(share={}, kind="T4", referenced=False, **changed))
        return listener.tone().pitch_hz

    assert pitch_hz(sdi=0.4, baseline_sdi=math.nan, leader="") == 440.0
    assert pitch_hz(sdi=0.4, baseline_sdi=0.4) == 440.0
    assert pitch_hz(sdi=0.4 + math.log(2), baseline_sdi=0.4, leader="H") == pytest.approx(220.0)


def test_chord_on_target_and_wavering_that_deepens():
    listener = after(*streaming(), opened())
    assert listener.take(frame()) is not None
    on_target = listener.tone()
    assert on_target.chord
    assert on_target.waver == 0.0
    depths = []
    for deficit in (0.0, 0.2, 0.5, 0.9):
        change = CueSettings().dead_band_ln + deficit
        listener.take(frame(leader="H", cue=CueWord.MORE_GLUTE, sdi=change, baseline_sdi=0.0))
        assert not listener.tone().chord
        depths.append(listener.tone().waver)
    assert depths[0] == pytest.approx(0.3)
    assert depths == sorted(set(depths))
    assert depths[-1] == pytest.approx(0.9)


def test_pan_is_the_stronger_glute_where_sides_may_be_compared():
    def pan(**changed) -> float:
        return after(*streaming(), opened(), frame(**changed)).tone().pan

    assert pan(level=levels(GL=0.5, GR=0.5), kind="T1") == 0.0
    assert pan(level=levels(GL=0.6, GR=0.4), kind="T1") == pytest.approx(-0.4)
    assert pan(level=levels(GL=0.1, GR=0.9), kind="T2") == 1.0
    assert pan(level=levels(GL=0.6, GR=0.4), kind="T4") == 0.0
    assert pan(level={SITES["GR"]: 0.5}, kind="T1") == 0.0


def test_the_tone_fades_out_of_every_second_rep():
    heard = [after(*streaming(), opened(), frame(rep=rep), fade=True).tone() is not None for rep in range(1, 7)]
    assert heard == [True, False] * 3


def test_a_session_computed_anew_is_not_heard_twice():
    listener = after(*streaming(), opened(), frame(t_s=252.0), rep_closed(1))
    again = [frame(t_s=96.0), opened(), frame(t_s=100.0), rep_closed(1), frame(t_s=240.0)]
    assert [sound for event in again for sound in listener.take(event)] == []
    assert listener.tone() is None
    listener.take(frame(t_s=252.02))
    assert listener.tone() is not None
    assert listener.take(rep_closed(2)) == (Sound.REP_MET,)


def test_signal_blocks_are_passed_over():
    listener = after(*streaming(), opened(), frame())
    assert all(listener.take(block) == () for block in noise("GL", 252.0, 1.0, lost=0.5))
