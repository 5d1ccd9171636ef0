"""The Calibrate screen: rest, the question of pain, and reference contractions, in that order."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from emgmon.exercise.reference import PERMITS, TRIALS
from emgmon.live.controls import Controls, said
from emgmon.live.near import button, label, style
from emgmon.live.theme import DARK, Theme
from emgmon.model import GROUP_TITLES, MUSCLE_QUANTITIES
from emgmon.runner.board import RECORDING, Board, View
from emgmon.runner.conduct import IDLE, LEAD, REFERENCE, REST

KIND_WORDS = {
    "": "Answer the question of pain first: with pain of 3 or more, or after surgery, light tasks are taken.",
    "T1": "As hard as you can, three tries each: muscles can then be compared with each other.",
    "T2": "Light tasks against gravity, three tries each: changes can be seen, muscles are not compared.",
}


class CalibrateScreen(QWidget):
    """Shows the steps before the first set; everything goes to the board.

    Parameters
    ----------
    board : Board
    controls : Controls
        Asks the question of pain.

    Attributes
    ----------
    starts : dict of str to QPushButton
        ``rest``, ``pain`` and each group.
    """

    def __init__(self, board: Board, controls: Controls, theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("page")
        self.board = board
        self.title, self.now = label("Calibrate", 34, 700), label("", 30, 700, wraps=True)
        self.how, self.kind = (
            label("", 22, 500, name="second", wraps=True),
            label("", 18, 450, name="second", wraps=True),
        )
        self.starts: dict[str, QPushButton] = {}
        self._cards: dict[str, tuple[QFrame, QLabel]] = {}
        page = QVBoxLayout(self)
        page.setContentsMargins(26, 16, 26, 16)
        page.addWidget(self.title)
        page.addWidget(self.kind)
        page.addSpacing(8)
        page.addWidget(self._card("rest", "1  Rest", lambda: board.tell("rest")))
        page.addWidget(self._card("pain", "2  Pain", controls.ask))
        for number, group in enumerate(GROUP_TITLES, 3):
            title = f"{number}  {GROUP_TITLES[group]}"
            page.addWidget(self._card(group, title, lambda _checked=False, group=group: controls.refer(group)))
        page.addSpacing(16)
        page.addWidget(self.now)
        page.addWidget(self.how)
        page.addStretch()
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        style(theme, self)

    def refresh(self) -> None:
        """Show what was done, and what is running."""
        view = self.board.view
        recording = view.stage == RECORDING
        worn = {c.placement.group for c in view.channels if c.placement and c.quantity in MUSCLE_QUANTITIES}
        self.kind.setText(
            KIND_WORDS[view.kind] if recording else "Place the sensors first; calibration belongs to the recording."
        )
        busy = view.doing.what not in {IDLE, LEAD}
        for name, (frame, text) in self._cards.items():
            running = name in {view.doing.group, view.doing.what} and view.doing.what in {LEAD, REST, REFERENCE}
            _name(frame, "cardnow" if running else "card")
            text.setText(_done(view, name))
            frame.setVisible(name in {"rest", "pain"} or name in worn)
            ready = recording and not busy and (name in {"rest", "pain"} or bool(view.kind))
            self.starts[name].setEnabled(ready)
        active = view.doing.what in {LEAD, REST, REFERENCE}
        self.now.setText(said(view) if active else "")
        self.how.setText(view.doing.instruction if active else "")

    def _card(self, name: str, title: str, start: object) -> QFrame:
        frame, done = QFrame(), label("", 18, 500, name="second")
        frame.setObjectName("card")
        row = QHBoxLayout(frame)
        row.addWidget(label(title, 22, 650), 2)
        row.addWidget(done, 3)
        self.starts[name] = button("Answer" if name == "pain" else "Start")
        self.starts[name].clicked.connect(start)
        row.addWidget(self.starts[name])
        self._cards[name] = (frame, done)
        return frame


def _done(view: View, name: str) -> str:
    """Say how far one step is."""
    if name == "rest":
        return "done" if view.rested and view.doing.what != REST else "lie still and relaxed"
    if name == "pain":
        return "not answered" if view.pain is None else f"{view.pain:g} of 10"
    if not view.kind:
        return ""
    return f"{view.tries.get((name, view.kind), 0)} of {TRIALS} tries, {PERMITS[view.kind].title}"


def _name(frame: QFrame, name: str) -> None:
    if frame.objectName() != name:
        frame.setObjectName(name)
        frame.style().polish(frame)
