"""What is painted anew is all that changed: the picture on the screen is that of painting everything."""

import pytest
from PySide6.QtWidgets import QApplication

from emgmon.live.state import TrainState
from emgmon.live.theme import DARK, LIGHT
from emgmon.live.training import TrainingScreen
from emgmon.model import CueWord, Phase

from .scenes import REST, frame, levels, opened, rep_closed, reps_done, set_closed, streaming

pytestmark = pytest.mark.qt


@pytest.fixture
def screen(qtbot):
    made = TrainingScreen(TrainState())
    qtbot.addWidget(made)
    made.resize(1000, 560)
    made.show()
    return made


def seen(screen: TrainingScreen):
    QApplication.processEvents()
    return screen.backingStore().paintDevice().copy()


STEPS = {
    "streaming": streaming(),
    "set": [opened(1), frame(**REST)],
    "lift": [frame(phase=Phase.CON, cue=CueWord.LIFT, hold_s=0.0)],
    "hold": [frame(hold_s=0.3)],
    "more of it": [frame(hold_s=0.5, share={"G": 0.5, "H": 0.3, "E": 0.2}, level=levels(GL=0.3))],
    "hamstrings": [frame(leader="H", cue=CueWord.MORE_GLUTE, share={"G": 0.3, "H": 0.5, "E": 0.2})],
    "rep": [rep_closed(1), frame(**REST)],
    "mark": [*reps_done()[1:], frame()],
    "done": [set_closed()],
}


def test_what_is_painted_anew_is_all_that_changed(screen):
    for name, events in STEPS.items():
        for event in events:
            screen.state.apply(event)
        screen.refresh()
        picture = seen(screen)
        screen.update()
        assert picture == seen(screen), name


def test_a_frame_paints_no_more_than_what_moves(screen, monkeypatch):
    for event in (*streaming(), opened(1), frame(hold_s=1.0)):
        screen.state.apply(event)
    screen.refresh()
    seen(screen)
    asked = []
    monkeypatch.setattr(screen, "update", lambda *area: asked.append(area))
    screen.state.apply(frame(hold_s=1.0, level=levels(GL=0.3)))
    screen.refresh()
    ((area,),) = asked
    assert area.height() < 0.2 * screen.height()
    asked.clear()
    screen.refresh()
    assert asked == []
    screen.state.apply(frame(hold_s=1.0, leader="H"))
    screen.refresh()
    assert asked == [()], "the colour of the whole screen"


def test_another_theme_or_size_paints_all(screen):
    for event in (*streaming(), opened(1), frame()):
        screen.state.apply(event)
    screen.refresh()
    screen.set_theme(LIGHT)
    light = seen(screen)
    assert light.pixelColor(500, 80).name().upper() != DARK.background
    screen.resize(800, 500)
    screen.refresh()
    picture = seen(screen)
    screen.update()
    assert picture == seen(screen)
