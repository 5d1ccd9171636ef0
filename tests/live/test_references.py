"""Painting neither eats nor piles up references: PySide6 6.12.0 ends CPython 3.11 that way within some 100 frames."""

import gc
import sys

import pytest
from PySide6.QtWidgets import QApplication

from emgmon.live.raw import SignalsScreen
from emgmon.live.state import TrainState
from emgmon.live.training import TrainingScreen

from .scenes import frame, noise, opened, reps_done, streaming

pytestmark = [
    pytest.mark.qt,
    pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is not counted from Python 3.12 on"),
]

FRAMES = 200
SLACK = 50
"""References to None, and objects, that come and go; PySide6 6.10 and 6.11 gain some references a frame: harmless."""


def none_count() -> int:
    gc.collect()
    return sys.getrefcount(None)


def painted(paint) -> float:
    """References to None gained by each of many frames."""
    for k in range(20):
        paint(k)
    before = none_count()
    for k in range(20, 20 + FRAMES):
        paint(k)
    return (none_count() - before) / FRAMES


@pytest.mark.slow
def test_training_keeps_the_count_of_none(qtbot):
    screen = TrainingScreen(TrainState())
    qtbot.addWidget(screen)
    screen.resize(640, 360)
    screen.show()
    for event in (*streaming(), opened(), *reps_done()):
        screen.state.apply(event)

    def paint(k: int) -> None:
        screen.state.apply(frame(t_s=252.0 + 0.02 * k, hold_s=0.02 * k))
        screen.update()
        QApplication.processEvents()

    assert painted(paint) * FRAMES > -SLACK
    before = len(gc.get_objects())
    painted(paint)  # the same once more: every text and colour is known by now
    assert len(gc.get_objects()) - before < SLACK


@pytest.mark.slow
def test_signals_keep_the_count_of_none_and_so_does_pausing(qtbot):
    screen = SignalsScreen(TrainState())
    qtbot.addWidget(screen)
    screen.resize(640, 360)
    screen.show()
    blocks = list(noise("GL", 0.0, 0.05 * (20 + FRAMES) + 1.0))

    def paint(k: int) -> None:
        screen.take(blocks[k])
        screen.refresh()
        QApplication.processEvents()

    assert painted(paint) * FRAMES > -SLACK
    before = none_count()
    for _ in range(5):
        screen.set_paused(paused=True)
        screen.set_paused(paused=False)
        QApplication.processEvents()
    assert none_count() > before - SLACK
