"""The player end to end: the real null device, cards that come and go, and a queue that is bounded."""

import sys
import threading
import time

import numpy as np
import pytest

from emgmon.live import sound
from emgmon.live.sound import CARD_BACK, CARD_GONE, NO_CARD, NO_PACKAGE, Player, SoundSettings, heard, open_playback

from .scenes import frame, noise, opened, rep_closed, streaming

FULL = SoundSettings("full", 1.0)


def soon(true, limit_s: float = 10.0) -> bool:
    """Wait until something is true."""
    end_s = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.005)
    return True


class Card:
    """A sound card of the test's own: asks for 10 ms each few ms until it is unplugged."""

    def __init__(self, samples) -> None:
        self.unplugged, self.heard = threading.Event(), []
        self._samples = samples
        self._thread = threading.Thread(target=self._play)
        self._thread.start()

    def _play(self) -> None:
        while not self.unplugged.wait(0.005):
            self.heard.append(self._samples.send(480))

    def close(self) -> None:
        self.unplugged.set()
        self._thread.join()


class Desk:
    """What can be opened; `has_card` says whether the card is plugged in."""

    def __init__(self, *, has_card: bool = True) -> None:
        self.has_card, self.cards, self.nulls = has_card, [], []

    def open(self, samples, null: bool):
        if not null and not self.has_card:
            raise OSError(NO_CARD)
        (self.nulls if null else self.cards).append(Card(samples))
        return (self.nulls if null else self.cards)[-1]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(sound, "WATCH_S", 0.01)
    monkeypatch.setattr(sound, "STALLED_S", 0.3)
    monkeypatch.setattr(sound, "RETRY_S", 0.1)


def test_the_null_device_takes_samples_in_real_time_and_nothing_is_said():
    said = []
    with Player(FULL, said.append, lambda samples, _null: open_playback(samples, null=True)) as player:
        player.push([*streaming(), opened(), frame()])
        assert soon(lambda: player.clock_s == 252.0)
        asked = []
        render = player.render
        player.render = lambda n: asked.append((n, out := render(n))) or out
        assert soon(lambda: len(asked) >= 20)
    assert {n for n, _ in asked} == {480}
    assert max(float(np.abs(out).max()) for _, out in asked) > 0.1
    assert said == []


@pytest.mark.usefixtures("quick")
def test_a_computer_without_a_card_gets_one_notice():
    desk, said = Desk(has_card=False), []
    with Player(FULL, said.append, desk.open) as player:
        assert soon(lambda: len(desk.nulls) > 3)
        player.push([*streaming(), opened(), frame()])
        assert soon(lambda: player.clock_s == 252.0)
    assert said == [NO_CARD]
    assert desk.cards == []


@pytest.mark.usefixtures("quick")
def test_a_card_that_is_unplugged_is_missed_once_and_heard_again_when_it_is_back():
    desk, said = Desk(), []
    with Player(FULL, said.append, desk.open) as player:
        player.push([*streaming(), opened(), frame()])
        assert soon(lambda: desk.cards and any(np.any(out) for out in desk.cards[0].heard))
        desk.has_card = False
        desk.cards[0].unplugged.set()
        assert soon(lambda: said == [CARD_GONE])
        player.push([frame(t_s=260.0)])
        assert soon(lambda: player.clock_s == 260.0)
        desk.has_card = True
        assert soon(lambda: said == [CARD_GONE, CARD_BACK])
        assert soon(lambda: any(np.any(out) for out in desk.cards[1].heard))
    assert all(card.unplugged.is_set() for card in (*desk.cards, *desk.nulls))
    assert len(desk.cards) == 2


def test_without_the_package_there_is_one_notice_and_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    said = []
    with Player(FULL, said.append) as player:
        assert soon(lambda: said == [NO_PACKAGE])
        player.push([frame()] * 3)
    assert sound.why_no_sound() == NO_PACKAGE
    assert said == [NO_PACKAGE]


def test_the_queue_is_bounded_and_the_newest_frame_wins():
    player = Player(FULL, print)
    player.push([frame(t_s=float(k)) for k in range(5000)])
    player.push(list(noise("GL", 0.0, 2.0)))
    assert len(player._queue) == 1
    player.render(480)
    assert player.clock_s == 4999.0
    for k in range(1000):
        player.push([frame(), rep_closed(k + 1)])
    assert len(player._queue) == sound.QUEUE_LIMIT
    assert player.dropped == 2000 - sound.QUEUE_LIMIT


def test_what_happened_is_rendered_as_sound():
    player = Player(SoundSettings("cues", 1.0), print)
    player.push([*streaming(), opened(), frame()])
    player.render(48_000)
    player.push([frame(t_s=253.0)])
    assert not player.render(4800).any()
    player.push([rep_closed(1)])
    assert np.abs(player.render(4800)).max() > 0.05
    player.muted = True
    player.render(9600)
    player.push([rep_closed(2)])
    assert np.abs(player.render(4800)).max() < 1e-3


def test_a_sink_is_the_same_when_sound_is_off_and_gets_all_events_when_it_is_on(monkeypatch):
    took = []
    with heard(took.append, SoundSettings("off"), print) as sink:
        assert sink == took.append
    monkeypatch.setattr(sound, "open_playback", Desk().open)
    with heard(took.append, SoundSettings("cues"), print) as sink:
        sink([frame(), *noise("GL", 0.0, 0.1)])
    assert [len(events) for events in took] == [3]


def test_the_tone_ends_when_frames_stay_away():
    player = Player(FULL, print)
    player.push([*streaming(), opened(), frame()])
    player.render(24_000)
    assert np.abs(player.render(2400)).max() > 0.05
    player.render(24_000)
    player.render(24_000)
    assert not player.render(24_000).any()
    player.push([frame(t_s=260.0)])
    player.render(4800)
    assert np.abs(player.render(2400)).max() > 0.05
