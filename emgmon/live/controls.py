"""The strip below the screens in a live session: what the person is at, and what they can do, by button or key."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from emgmon.exercise.catalogue import PROGRAMME_PHASES, Exercise
from emgmon.live.near import button, label, lettered, style
from emgmon.live.question import PAIN, TENSION, Question
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme
from emgmon.runner.board import RECORDING, Board, View
from emgmon.runner.doing import IDLE, LEAD, SET

WORDS = ("rest", "set", "hurts", "ask", "note", "finish")
GROUP_KEYS = {Qt.Key.Key_G: "G", Qt.Key.Key_H: "H", Qt.Key.Key_B: "E", Qt.Key.Key_D: "D"}


class Controls(QWidget):
    """Buttons and keys of a live session; everything goes to the board.

    Parameters
    ----------
    board : Board
    catalogue : mapping of str to Exercise

    Attributes
    ----------
    asked : Question
        Of pain, or of tension after a set.
    surgery : QCheckBox
        Beside the question of pain.
    note : QLineEdit
    """

    def __init__(self, board: Board, catalogue: Mapping[str, Exercise], theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.board = board
        self.doing = label("", 22, 650)
        self.exercises, self.note = QComboBox(), QLineEdit()
        self.asked = Question(self, self._answered)
        self.surgery = self.asked.surgery
        self.buttons = {word: button(words(f"do.{word}")) for word in WORDS}
        self.buttons["hurts"].setObjectName("hurts")
        self._actions: dict[str, Callable[[], None]] = {
            "rest": lambda: board.tell("rest"),
            "set": self.start_or_stop,
            "hurts": self.hurts,
            "ask": self.ask,
            "note": self.write_note,
            "finish": lambda: board.tell("finish"),
        }
        self._keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_R: self._actions["rest"],
            Qt.Key.Key_S: self.start_or_stop,
            Qt.Key.Key_X: self.hurts,
            Qt.Key.Key_P: self.ask,
            Qt.Key.Key_N: self.write_note,
            Qt.Key.Key_C: lambda: board.tell("cancel"),
            Qt.Key.Key_F: self._actions["finish"],
        }
        self._list(catalogue)
        self._arrange()
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        style(theme, self)

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key is for; false when it is for something else."""
        key = event.key()
        recording = self.board.view.stage == RECORDING
        if not recording or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if self.asked.press(event):
            return True
        if key in GROUP_KEYS:
            self.refer(GROUP_KEYS[Qt.Key(key)])
        elif key in self._keys:
            self._keys[key]()
        else:
            return False
        return True

    def refresh(self) -> None:
        """Show what the person is at."""
        view = self.board.view
        self.setVisible(view.stage == RECORDING)
        text = said(view)
        if self.doing.text() != text:
            self.doing.setText(text)
        self.buttons["set"].setText(words("do.set" if view.doing.what == IDLE else "do.stop"))
        self.exercises.setEnabled(view.doing.what != SET)
        at = self.exercises.findData(view.exercise)
        if at != self.exercises.currentIndex() and view.obeyed == self.board.sent:
            self.exercises.setCurrentIndex(at)

    def start_or_stop(self) -> None:
        """Start a set, or end whatever the person is at."""
        self.board.tell("set" if self.board.view.doing.what == IDLE else "stop")

    def refer(self, group: str) -> None:
        """Take a reference; ask for pain first, once."""
        if self.board.view.pain is None:
            self.ask()
        else:
            self.board.tell("reference", group)

    def hurts(self) -> None:
        """Stop at once, then ask how much."""
        self.board.tell("hurts")
        self.ask()

    def ask(self) -> None:
        """Show the question of pain."""
        self._ask(PAIN)

    def ask_tension(self) -> None:
        """Show the question that some exercises ask after a set."""
        self._ask(TENSION)

    def answer(self, pain: int) -> None:
        """Take the answer to the question that is shown."""
        self.asked.answer(pain)

    def _ask(self, kind: str) -> None:
        """Show a question in the place of everything else but the button that stops."""
        for part in self._others():  # first hidden, then shown: the window must not grow
            part.setVisible(False)
        self.asked.ask(kind)

    def _answered(self, kind: str, text: str) -> None:
        if kind:
            self.board.tell(kind, text)
        for part in self._others():
            part.setVisible(True)

    def _others(self) -> list[QWidget]:
        return [self.doing, self.exercises, *(made for word, made in self.buttons.items() if word != "hurts")]

    def write_note(self) -> None:
        """Let the person write a line."""
        self.note.setVisible(True)
        self.note.setFocus()

    def _noted(self) -> None:
        self.board.tell("note", self.note.text())
        self.note.clear()
        self.note.setVisible(False)
        self.window().setFocus()

    def _list(self, catalogue: Mapping[str, Exercise]) -> None:
        for phase in PROGRAMME_PHASES:
            for exercise in catalogue.values():
                if exercise.phase == phase:
                    self.exercises.addItem(exercise.title, exercise.id)
        lettered(self.exercises, 20, 550)
        self.exercises.setAccessibleName(words("do.exercise"))
        self.exercises.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.exercises.setMinimumContentsLength(14)
        self.exercises.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.exercises.activated.connect(self._choose)

    def _choose(self, index: int) -> None:
        self.board.tell("exercise", str(self.exercises.itemData(index)))
        self.window().setFocus()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 6, 18, 6)
        self.doing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.doing.setMinimumWidth(120)
        row.addWidget(self.doing, 1)
        row.addStretch()  # takes its place while a question is asked
        row.addWidget(self.asked)
        row.addWidget(self.note)
        row.addWidget(self.exercises)
        lettered(self.note, 20, 500)
        self.note.setPlaceholderText(words("do.note.how"))
        self.note.setAccessibleName(words("do.note.how"))
        self.note.setVisible(False)
        self.note.returnPressed.connect(self._noted)
        for word, made in self.buttons.items():
            made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            made.clicked.connect(self._actions[word])
            row.addWidget(made)


def said(view: View) -> str:
    """Say what the person is at, and how long."""
    doing = view.doing
    if doing.what == IDLE:
        return words("said.ready" if view.rested else "said.first")
    left_s = doing.until_s - view.now_s
    if doing.what == LEAD:
        return words("said.lead", title=doing.title, seconds=max(0, math.ceil(left_s)))
    if math.isinf(left_s):
        return words("said.time", title=doing.title, seconds=f"{view.now_s - doing.since_s:.0f}")
    return words("said.time", title=doing.title, seconds=max(0, math.ceil(left_s)))
