"""Sound and window together: the speaker sign says what is heard, M mutes, a session without a card has one notice."""

import pytest
from PySide6.QtCore import Qt

from emgmon.live import SoundSettings, run_window, settings_of, sound
from emgmon.live.bridge import Bridge
from emgmon.live.sound import NO_CARD, Player
from emgmon.live.window import Window

from .scenes import frame, opened, streaming
from .test_app import shown, when
from .test_sound_player import Desk, soon

pytestmark = pytest.mark.qt


def test_the_speaker_says_what_is_heard_and_m_mutes(qtbot):
    with Player(SoundSettings("full"), print, Desk().open) as player:
        window = Window(Bridge(also=player.push), lambda: True, player=player)
        qtbot.addWidget(window)
        window.tick()
        assert window.state.sound
        qtbot.keyClick(window, Qt.Key.Key_M)
        window.tick()
        assert player.muted
        assert not window.state.sound
        qtbot.keyClick(window, Qt.Key.Key_M)
        window.bridge.push([*streaming(), opened(), frame()])
        window.tick()
        assert window.state.sound
        assert soon(lambda: player.clock_s == 252.0)
    window.tick()
    assert not window.state.sound


def test_a_silent_window_has_no_sign(qtbot):
    window = Window(Bridge(), lambda: True)
    qtbot.addWidget(window)
    qtbot.keyClick(window, Qt.Key.Key_M)
    window.tick()
    assert not window.state.sound


@pytest.mark.usefixtures("qapp")
def test_a_session_without_a_card_goes_on_and_says_so(monkeypatch):
    monkeypatch.setattr(sound, "open_playback", Desk(has_card=False).open)
    said = []

    def work(bridge, stop):
        bridge.push([*streaming(), frame(t_s=1.0)])
        stop.wait()

    def close() -> None:
        said.append((shown().status.text(), shown().state.sound))
        shown().close()

    timer = when(lambda: bool(shown().status.text()), close)
    run_window(work, title="A session", sound=SoundSettings("full"))
    timer.stop()
    assert said == [(NO_CARD, False)]


def test_what_nobody_chose():
    assert settings_of(None, 60, fade=False, windowed=True).level == "full"
    assert settings_of(None, 60, fade=False, windowed=False).level == "off"
    assert settings_of("cues", 60, fade=True, windowed=False) == SoundSettings("cues", 0.6, fade=True)
