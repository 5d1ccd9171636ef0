"""The Calibrate screen: the steps before the first set in a list, and the one that is next, large."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from emgmon.live.cards import themed, thin_bars
from emgmon.live.near import label, style
from emgmon.live.state import TrainState
from emgmon.live.step_page import StepPage
from emgmon.live.step_row import StepRow
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme
from emgmon.live.wizard import first_open, remark_of, state_of
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import IDLE, PAUSED, Step


class CalibrateScreen(QWidget):
    """Leads through the steps of the board; everything that the person does goes to the board.

    Parameters
    ----------
    board : Board
    state : TrainState
    on_done : callable
        Called when the last step is left.

    Attributes
    ----------
    chosen : str
        Name of the step that is shown.
    rows : dict of str to StepRow
    page : StepPage
        Shows it.
    """

    def __init__(self, board: Board, state: TrainState, on_done: Callable[[], None], theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("page")
        self.board, self.state, self.theme = board, state, theme
        self.chosen = ""
        self._on_done, self._ran, self._pain = on_done, "", False
        self.title, self.kind = (
            label(words("wizard.title"), 44, 700),
            label("", 24, 450, name="second", wraps=True),
        )
        self.before = label(words("wizard.before"), 34, 600, wraps=True)
        self.rows: dict[str, StepRow] = {}
        self.page = StepPage(board, state, self.act, theme)
        self._column = QVBoxLayout()
        self._arrange()
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = theme
        style(theme, self)
        self.setStyleSheet(f"{self.styleSheet()} {thin_bars(theme)}")
        self.page.set_theme(theme)
        themed(self, theme)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, while a recording runs."""
        view = self.board.view
        return view.steps if view.stage == RECORDING else ()

    def refresh(self) -> None:
        """Show what was done, and what is running."""
        view, steps = self.board.view, self.steps
        self.kind.setText(words(f"wizard.kind.{view.kind}"))
        names = [step.name for step in steps]
        if names != list(self.rows):
            self._list(steps)
        self._follow(names)
        for step in steps:
            now = state_of(step, view, self.state)
            self.rows[step.name].show_step(now, remark_of(step, view, self.state), chosen=step.name == self.chosen)
        at = names.index(self.chosen) if self.chosen in names else None
        self.page.setVisible(at is not None)
        self.before.setVisible(at is None)
        self.kind.setVisible(at is not None)
        if at is not None:
            self.page.show_step(steps[at], first=at == 0, last=at == len(steps) - 1)

    def act(self, word: str, text: str = "") -> None:
        """Do what a button or key says; a word that is no command of the board moves through the steps."""
        if word == "next":
            self.go(1)
        elif word == "back":
            self.go(-1)
        elif word == "skip":
            self.board.tell("skip", self.chosen)
            self.go(1)
        else:
            self.board.tell(word, text)

    def go(self, by: int) -> None:
        """Go to another step; what runs is broken off, and the last leads to the training."""
        names = [step.name for step in self.steps]
        if not names:
            return
        at = names.index(self.chosen) + by
        if self.board.view.doing.what not in {IDLE, "set"} and self.board.view.doing.step == self.chosen:
            self.board.tell("cancel")
            self._ran = self.chosen
        if at >= len(names):
            self._on_done()
            return
        self.choose(names[max(0, at)])

    def choose(self, name: str) -> None:
        """Show one step."""
        self.chosen = name
        self.refresh()

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key is for; false when it is for something else."""
        key = event.key()
        if not self.steps or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if self.chosen == "pain" and Qt.Key.Key_0 <= key <= Qt.Key.Key_9 and not self.board.view.doing.what:
            self.page.answer(key - Qt.Key.Key_0)
            return True
        if key == Qt.Key.Key_Space:
            self.page.main.click()
            return True
        words_of = {
            Qt.Key.Key_Left: "back",
            Qt.Key.Key_Right: "next",
            Qt.Key.Key_K: "skip",
            Qt.Key.Key_W: "pause",
        }
        if key in words_of:
            self.act(words_of[Qt.Key(key)])
        elif key == Qt.Key.Key_O:
            self.page.position.click()
        elif key == Qt.Key.Key_A:
            self.page.again.click()
        else:
            return False
        return True

    def _follow(self, names: list[str]) -> None:
        """Go where something begins to run, from an answered question to what is next, and at first to what is open."""
        view = self.board.view
        runs = view.doing.step if view.doing.what != PAUSED else self._ran
        if runs != self._ran and runs in names:
            self.chosen = runs
        self._ran = runs
        answered, self._pain = view.pain is not None and not self._pain, view.pain is not None
        if answered and self.chosen == "pain" and "pain" in names:
            self.chosen = names[names.index("pain") + 1]
        if self.chosen not in names:
            self.chosen = first_open(self.steps, view, self.state)

    def _list(self, steps: tuple[Step, ...]) -> None:
        for old in self.rows.values():
            self._column.removeWidget(old)
            old.deleteLater()
        self.rows = {}
        for number, step in enumerate(steps, 1):
            row = StepRow(number, step.title, partial(self.choose, step.name))
            self.rows[step.name] = row
            self._column.insertWidget(number - 1, row)
        themed(self, self.theme)

    def _arrange(self) -> None:
        rows, scroll, body = QWidget(), QScrollArea(), QHBoxLayout()
        rows.setObjectName("rows")
        rows.setLayout(self._column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addStretch(1)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(rows)
        body.setSpacing(14)
        body.addWidget(scroll, 5)
        side = QVBoxLayout()
        side.setSpacing(0)
        side.addWidget(self.page, 1)
        side.addStretch(0)
        body.addLayout(side, 13)
        page = QVBoxLayout(self)
        page.setContentsMargins(26, 16, 26, 16)
        page.setSpacing(12)
        page.addWidget(self.title)
        page.addWidget(self.kind)
        page.addLayout(body, 1)
        page.addWidget(self.before, 20, Qt.AlignmentFlag.AlignTop)
