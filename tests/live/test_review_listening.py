"""A recording is heard through the sound engine of the live session, from any moment on."""

from dataclasses import replace

import numpy as np

from emgmon.live.cues_sound import Listener, Sound
from emgmon.live.review_listening import Listening
from emgmon.live.sound import Player, SoundSettings
from emgmon.live.state import TrainState
from emgmon.live.synth import FS_HZ
from emgmon.model import SetOpened

from .scenes import frame, opened, rep_closed, reps_done, streaming

WORK = [*streaming(), opened(), *reps_done()]


def state_of(events) -> TrainState:
    state = TrainState()
    for event in events:
        state.apply(event)
    return state


def loudness(player: Player, seconds: float = 0.3) -> float:
    return float(np.abs(player.render(int(seconds * FS_HZ))).max())


def test_an_earlier_moment_is_heard_only_after_it_was_begun_at():
    player = Player(SoundSettings("full"), lambda _text: None)
    player.push([*WORK, frame(t_s=300.0)])
    assert loudness(player) > 0.05
    player.push([frame(t_s=200.0)])  # told again, and so not heard
    loudness(player, 2.0)
    assert loudness(player) < 0.01
    player.begin_at(state_of([*WORK, frame(t_s=199.9)]))
    player.push([frame(t_s=200.0)])
    assert loudness(player) > 0.05


def test_what_was_said_before_the_moment_is_not_said_again():
    listener = Listener()
    listener.begin_at(state_of([*WORK, frame(t_s=250.0, hold_s=2.4)]))
    assert listener.take(frame(t_s=250.02, hold_s=2.42)) == ()
    assert listener.take(replace(rep_closed(7), t_s=251.0)) == (Sound.REP_MET,)
    assert Sound.TICK in listener_at(2.98).take(frame(t_s=250.04, hold_s=3.01))


def listener_at(hold_s: float) -> Listener:
    made = Listener()
    made.begin_at(state_of([*WORK, frame(t_s=250.0, hold_s=hold_s)]))
    return made


def test_pausing_is_silent_at_once():
    player = Player(SoundSettings("full"), lambda _text: None)
    player.push([*WORK, frame(t_s=300.0)])
    assert loudness(player) > 0.05
    player.begin_at(TrainState())
    loudness(player, 0.3)
    assert loudness(player) < 0.01


def test_nothing_is_opened_before_something_is_to_be_heard():
    opened_with, told = [], []

    def no_card(_samples, _null):
        opened_with.append(1)
        raise OSError("no card")

    listening = Listening(SoundSettings("off"), told.append, no_card)
    assert listening.muted
    listening.begin_at(TrainState())
    listening.push([SetOpened(0.0, 1, "a", "A", None, None, ())])
    listening.pause()
    listening.close()
    assert opened_with == []
    listening.mute(muted=False)
    listening.begin_at(TrainState())
    listening.close()
    assert opened_with
    assert told == ["no card"]
