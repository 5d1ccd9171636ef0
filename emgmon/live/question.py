"""A row that asks for a number from 0 to 10: pain, or the tension after a set."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from emgmon.live.near import button, label, lettered
from emgmon.live.strings import words

PAIN, TENSION = "pain", "tension"
MOST = 10


class Question(QWidget):
    """Asks one thing at a time, hidden while it asks nothing.

    Parameters
    ----------
    answered : callable
        Takes ``pain`` or ``tension`` and what follows it: the number, and ``surgery`` after a recent one.

    Attributes
    ----------
    choices : list of QPushButton
        From 0 to 10.
    kind : str
        What is asked, empty for nothing.
    """

    def __init__(self, parent: QWidget, answered: Callable[[str, str], None]) -> None:
        super().__init__(parent)
        self.kind = ""
        self._answered = answered
        self.text = label("", 20, 600)
        self.surgery = QCheckBox(words("ask.surgery"))
        lettered(self.surgery, 19, 500)
        self.surgery.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.choices = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.text)
        for number in range(MOST + 1):
            choice = button(words({0: "ask.none", MOST: "ask.worst"}.get(number, "ask.number"), number=number))
            choice.setObjectName("choice")
            choice.clicked.connect(lambda _checked=False, number=number: self.answer(number))
            self.choices.append(choice)
            row.addWidget(choice)
        row.addWidget(self.surgery)
        self.leave = button(words("ask.leave"))
        self.leave.clicked.connect(self.close_unanswered)
        row.addWidget(self.leave)
        self.setVisible(False)

    def ask(self, kind: str) -> None:
        """Show a question in the place of the one before."""
        self.kind = kind
        text = words(f"ask.{kind}")
        self.text.setText(text)
        for number, choice in enumerate(self.choices):
            choice.setAccessibleName(f"{text} {number}")
        self.surgery.setVisible(kind == PAIN)
        self.setVisible(True)

    def answer(self, number: int) -> None:
        """Take the answer; to the question of pain when none is shown."""
        kind, self.kind = self.kind or PAIN, ""
        surgery = " surgery" if kind == PAIN and self.surgery.isChecked() else ""
        self.setVisible(False)
        self._answered(kind, f"{number}{surgery}")

    def close_unanswered(self) -> None:
        """Leave the question out."""
        self.kind = ""
        self.setVisible(False)
        self._answered("", "")

    def press(self, event: QKeyEvent) -> bool:
        """Take a digit as the answer, or Escape as none; false when the key is for something else."""
        if not self.isVisible():
            return False
        if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9:
            self.answer(event.key() - Qt.Key.Key_0)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_unanswered()
        else:
            return False
        return True
