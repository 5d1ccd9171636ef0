"""The head of the Sensors page: what to do now, how many sensors are usable, the test, and the way on."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from emgmon.live.near import button, label
from emgmon.live.sensor_state import name_of
from emgmon.live.state import Light, TrainState
from emgmon.live.strings import words
from emgmon.model import Placement
from emgmon.runner.board import CONNECTING, PLACING, RECORDING, SCANNING, View
from emgmon.runner.squeezing import EACH_S, READY_S


class SensorsHead(QWidget):
    """Words and buttons above the body and the cards.

    Attributes
    ----------
    title, subtitle, usable : QLabel
    problem : QLabel
        Why it does not go on; whoever owns the head puts it where it is seen.
    go, test : QPushButton
    """

    def __init__(self) -> None:
        super().__init__()
        self.title, self.subtitle = label("", 44, 700), label("", 24, 450, name="second", wraps=True)
        self.problem, self.usable = label("", 24, 600, name="warn", wraps=True), label("", 24, 450, name="second")
        self.go, self.test = button("", main=True, size=26), button("", size=22)
        row, text = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        text.setSpacing(0)
        text.addWidget(self.title)
        text.addWidget(self.subtitle)
        row.addLayout(text, 1)
        for part in (self.test, self.usable, self.go):
            row.addWidget(part)

    def refresh(self, view: View, state: TrainState, chosen: int, picked: str, site: Placement | None) -> None:
        """Say what the board says; `chosen` are ticked on the air, `picked` and `site` wait for their counterpart."""
        stage = view.stage if view.stage in {SCANNING, CONNECTING, PLACING, RECORDING} else "over"
        _put(self.title, words(f"sensors.{stage}"))
        _put(self.subtitle, _how(view, stage, picked, site))
        said = " ".join([view.problem, *(text for text in view.doubles if text not in view.problem)]).strip()
        _put(self.problem, said)
        self.problem.setVisible(bool(said) and not (stage == SCANNING and not view.heard))
        self._refresh_go(view, state, chosen)
        seconds = math.ceil(READY_S + EACH_S * sum(c.placement is not None for c in view.channels))
        running = view.squeeze is not None
        self.test.setText(words("sensors.test.stop") if running else words("sensors.test", seconds=seconds))
        self.test.setVisible(view.stage == PLACING and bool(view.placed))

    def _refresh_go(self, view: View, state: TrainState, chosen: int) -> None:
        count, wanted = len(view.placed), len(view.wanted)
        connect = words("sensors.connect.one") if chosen == 1 else words("sensors.connect", count=chosen)
        text = {SCANNING: connect, CONNECTING: words("sensors.busy")}.get(view.stage, words("sensors.live"))
        usable = sum(
            any(c.placement and state.light(c.placement) != Light.LOST for c in view.channels if c.device == name)
            for name in view.placed
        )
        if view.stage == PLACING:
            text = words("sensors.go") if usable == wanted else words("sensors.go.fewer", count=usable)
        shown = view.stage in {PLACING, RECORDING}
        _put(self.usable, words("sensors.usable", count=usable, wanted=wanted) if shown else "")
        self.go.setText(text)
        self.go.setVisible(view.stage in {SCANNING, CONNECTING, PLACING, RECORDING})
        self.go.setEnabled((view.stage == SCANNING and chosen > 0) or (view.stage == PLACING and count > 0))


def _how(view: View, stage: str, picked: str, site: Placement | None) -> str:
    """Say what to do now."""
    if picked:
        return words("sensors.picked.how", name=picked)
    if stage == PLACING and site is not None:
        return words("sensors.site.how", place=name_of(site))
    waiting = [name for name in view.joined if name not in view.placed]
    if stage == RECORDING and waiting:
        return words("sensors.joined.how", name=" and ".join(waiting))
    return words(f"sensors.{stage}.how")


def _put(where: QLabel, text: str) -> None:
    if where.text() != text:
        where.setText(text)
