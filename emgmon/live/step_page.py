"""One step of the calibration, large: what to do, how long, how it goes, what came of it, and the buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from emgmon.live.cards import CountRing
from emgmon.live.near import button, label, lettered
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme
from emgmon.live.try_bars import ORDER, TryBars
from emgmon.live.wizard import State, action_of, count_of, state_of, verdict_of
from emgmon.model import MUSCLE_QUANTITIES
from emgmon.runner.board import Board, View
from emgmon.runner.doing import LEAD, PAUSED, RECOVER, Step

PAIN = 10
STEP_KG = 0.5
RINGLESS = ("rest", "pain", "check")
"""Steps with a ring only while something is counted; the others have its place filled, so that nothing jumps."""


class StepPage(QFrame):
    """Shows one step.

    Parameters
    ----------
    board : Board
    state : TrainState
    act : callable
        Takes a word and a text: a command of the board, or ``next``, ``back``, ``skip``.

    Attributes
    ----------
    main, again, position : QPushButton
        What to press next; the step once more; another way of doing it.
    answers : list of QPushButton
        Of the question of pain, 0 to 10.
    weight : QComboBox
        Where a task is done with one.
    """

    def __init__(self, board: Board, state: TrainState, act: Callable[[str, str], None], theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("card")
        self.board, self.state, self._act, self.theme = board, state, act, theme
        self._step: Step | None = None
        self.title, self.how = label("", 44, 700, wraps=True), label("", 30, 500, wraps=True)
        self.safety = label("", 22, 450, name="second", wraps=True)
        self.verdict = label("", 26, 600, wraps=True)
        self.ring, self.bars = CountRing(), TryBars(state, theme)
        self.answers = [button(str(number), size=30) for number in range(PAIN + 1)]
        self.surgery, self.weight = QCheckBox(words("ask.surgery")), QComboBox()
        self.main = button("", main=True, size=30)
        self.again, self.position = button("", size=22), button(words("wizard.position"), size=22)
        names = ("back", "pause", "cancel", "skip", "next")
        self.buttons = {name: button(words(f"wizard.{name}"), size=22) for name in names}
        self._wire()
        self._arrange()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = self.bars.theme = theme
        self.bars.update()

    def answer(self, pain: int) -> None:
        """Say how much it hurts."""
        surgery = " surgery" if self.surgery.isChecked() else ""
        self._act("pain", f"{pain}{surgery}")

    def show_step(self, step: Step, *, first: bool, last: bool) -> None:
        """Show a step as it is now."""
        view, state = self.board.view, self.state
        if self._step != step:
            self._step = step
            self._show_words(step)
        doing, here = view.doing, view.doing.step == step.name
        _put(self.title, doing.title if here and doing.what else step.title)
        self._show_count(view)
        text, good = verdict_of(step, view, state)
        running = here and doing.what not in {"", PAUSED, RECOVER, LEAD}
        _put(self.verdict, "" if running else text)
        kind = "good" if good else "warn"
        if self.verdict.objectName() != kind:
            self.verdict.setObjectName(kind)
            self.verdict.style().polish(self.verdict)
        self._show_bars(step, view)
        self._show_buttons(step, view, first=first, last=last)

    def _show_words(self, step: Step) -> None:
        _put(self.how, step.instruction)
        _put(self.safety, step.safety)
        self.safety.setVisible(bool(step.safety))
        asks = step.name == "pain"
        tall = QSizePolicy.Policy.Maximum if asks else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Preferred, tall)  # nothing large stands below the answers
        for part in (*self.answers, self.surgery):
            part.setVisible(asks)
        self.weight.setVisible(step.load_kg is not None)
        self.position.setVisible(step.positions > 1)
        if step.load_kg is not None:
            self.weight.clear()
            low, high = step.load_kg
            for number in range(round((high - low) / STEP_KG) + 1):
                kg = low + number * STEP_KG
                self.weight.addItem(f"{words('wizard.weight')} {kg:g} kg", f"{kg:g}")

    def _show_count(self, view: View) -> None:
        number, word, full = count_of(view)
        calm = view.doing.what in {LEAD, RECOVER}
        self.ring.show_count(number, word, full, self.theme.second if calm else self.theme.glutes)
        self.ring.setVisible(bool(number) or (self._step is not None and self._step.name not in RINGLESS))

    def _show_bars(self, step: Step, view: View) -> None:
        worn = {c.placement.group for c in view.channels if c.placement and c.quantity in MUSCLE_QUANTITIES}
        self.bars.groups = step.group or "".join(group for group in ORDER if group in worn)
        self.bars.side, self.bars.view = step.side, view
        self.bars.setVisible(bool(step.group) or step.name in {"rest", "check"})
        self.bars.update()

    def _show_buttons(self, step: Step, view: View, *, first: bool, last: bool) -> None:
        doing = view.doing
        weight = str(self.weight.currentData()) if step.load_kg is not None else ""
        action = action_of(step, view, self.state, last=last, weight=weight)
        self.main.setVisible(action is not None)
        if action is not None:
            self.main.setText(action.label)
            self.main.setAccessibleName(action.label)
        now, idle = state_of(step, view, self.state), not doing.what
        repeats = now is State.DONE and idle and bool(step.word)
        self.again.setVisible(repeats and action is not None and action.word == "")
        self.again.setText(words("wizard.repeat"))
        self.position.setEnabled(idle)
        self.weight.setEnabled(idle)
        self.buttons["back"].setEnabled(not first)
        self.buttons["pause"].setVisible(bool(doing.what) and doing.what not in {PAUSED, "set"})
        self.buttons["cancel"].setVisible(bool(doing.what) and doing.what != "set")
        self.buttons["skip"].setVisible(now is not State.DONE)
        self.buttons["next"].setText(words("wizard.train" if last else "wizard.next"))

    def _press_main(self) -> None:
        view, step = self.board.view, self._step
        if step is None:
            return
        weight = str(self.weight.currentData()) if step.load_kg is not None else ""
        last = bool(view.steps) and view.steps[-1].name == step.name
        action = action_of(step, view, self.state, last=last, weight=weight)
        if action is not None:
            self._act(action.word or "next", action.text)

    def _press_again(self) -> None:
        if self._step is not None and self._step.word:
            weight = f" {self.weight.currentData()}" if self._step.load_kg is not None else ""
            self._act(self._step.word, f"{self._step.text}{weight}")

    def _wire(self) -> None:
        self.main.clicked.connect(self._press_main)
        self.again.clicked.connect(self._press_again)
        self.position.clicked.connect(lambda _c=False: self._act("position", self._step.group if self._step else ""))
        for name, made in self.buttons.items():
            made.clicked.connect(lambda _c=False, name=name: self._act(name, ""))
        for number, made in enumerate(self.answers):
            made.setAccessibleName(f"{words('ask.pain')} {number}")
            made.clicked.connect(lambda _c=False, number=number: self.answer(number))

    def _arrange(self) -> None:
        lettered(self.surgery, 24, 500)
        self.surgery.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        lettered(self.weight, 22, 600)
        self.weight.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.weight.setAccessibleName(words("wizard.weight"))
        column = QVBoxLayout(self)
        column.setContentsMargins(34, 26, 34, 24)
        column.setSpacing(14)
        for part in (self.title, self.how, self.safety):
            column.addWidget(part)
        pain = QHBoxLayout()
        pain.setSpacing(8)
        for made in self.answers:
            pain.addWidget(made)
        pain.addStretch(1)
        column.addLayout(pain)
        column.addWidget(self.surgery)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        middle = QHBoxLayout(room)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(30)
        middle.addWidget(self.ring)
        middle.addWidget(self.bars, 1)
        column.addWidget(room, 1)
        column.addWidget(self.verdict)
        first, second = QHBoxLayout(), QHBoxLayout()
        parts: tuple[tuple[QHBoxLayout, tuple[QWidget, ...]], ...] = (
            (first, (self.main, self.again, self.position, self.weight)),
            (second, tuple(self.buttons.values())),
        )
        for row, made_ones in parts:
            row.setSpacing(12)
            for one in made_ones:
                row.addWidget(one)
            row.addStretch(1)
            column.addLayout(row)


def _put(where: QLabel, text: str) -> None:
    if where.text() != text:
        where.setText(text)
