"""The parts of the Programme page: a card for each phase, the stages with their rules, the log."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.dose import dose
from emgmon.exercise.programme import CHOICES, PAIN_KEY, STAGE_KEY, TENSION_KEY, Item, LogLine, RuleSeen, StageSeen
from emgmon.live.near import button, label, lettered
from emgmon.live.strings import words
from emgmon.report.axes import day_text, value_text
from emgmon.report.wording import number

Do = Callable[[Exercise], None]
Keep = Callable[[str, str], None]
LOG_LINES = 6
MOST = 10


def emptied(column: QVBoxLayout | QGridLayout | QHBoxLayout) -> None:
    """Take everything out of a layout."""
    while (item := column.takeAt(0)) is not None:
        if (part := item.widget()) is not None:
            part.hide()  # deleted when events are processed; a person sees it no more from now on
            part.deleteLater()
        elif (inner := item.layout()) is not None:
            emptied(inner)  # type: ignore[arg-type]


def scrolled(inside: QWidget) -> QScrollArea:
    """Let what is too long for its place be scrolled."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    inside.setObjectName("inside")
    area.viewport().setObjectName("inside")
    area.setWidget(inside)
    return area


class PhaseCard(QFrame):
    """What one phase holds today.

    Parameters
    ----------
    phase : str
    time, train : callable
        Called with an exercise when its button is pressed.
    can_train : bool
        A session with sensors runs in this window.
    """

    def __init__(self, phase: str, time: Do, train: Do, *, can_train: bool) -> None:
        super().__init__()
        self.setObjectName("card")
        self.buttons: dict[str, QWidget] = {}
        self._time, self._train, self._can_train = time, train, can_train
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 10, 10)
        column.addWidget(label(words(f"programme.phase.{phase}"), 20, 750, name="second"))
        self._title, self._why = label("", 24, 700, wraps=True), label("", 18, 450, name="second", wraps=True)
        column.addWidget(self._title)
        column.addWidget(self._why)
        inside = QWidget()
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(0, 6, 8, 0)
        column.addWidget(scrolled(inside), 1)

    def show_items(self, title: str, why: str, items: tuple[Item, ...]) -> None:
        """Show a stage and its exercises."""
        self._title.setText(title)
        self._why.setText(why)
        emptied(self._rows)
        self.buttons = {}
        for item in items:
            self._rows.addLayout(self._row(item))
        self._rows.addStretch(1)

    def _row(self, item: Item) -> QHBoxLayout:
        exercise = item.exercise
        timed = exercise.signal == "timer"
        row, text = QHBoxLayout(), QVBoxLayout()
        when = (
            words("programme.done_today")
            if item.done_today
            else words("programme.last", day=day_text(item.last))
            if item.last
            else ""
        )
        text.setSpacing(0)
        text.addWidget(label(exercise.title, 21, 600, wraps=True))
        text.addWidget(label(" · ".join(filter(None, (dose(exercise), when))), 18, 450, name="second", wraps=True))
        row.addLayout(text, 1)
        what = words("programme.time" if timed else "programme.train")
        made = button(what, size=18)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setAccessibleName(words("programme.what", what=what, exercise=exercise.title, dose=dose(exercise)))
        made.setEnabled(timed or self._can_train)
        made.setToolTip(exercise.how if made.isEnabled() else words("programme.train.none"))
        made.setAccessibleDescription(made.toolTip())
        made.clicked.connect(lambda _checked=False: self._time(exercise) if timed else self._train(exercise))
        row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        self.buttons[exercise.id] = made
        return row


class StagesCard(QFrame):
    """Every stage, whether it is open, the rule behind it, and what the person says to it."""

    def __init__(self, catalogue: Mapping[str, Exercise], keep: Keep) -> None:
        super().__init__()
        self.setObjectName("card")
        self.choices: dict[str, QComboBox] = {}
        self._catalogue, self._keep = catalogue, keep
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 10, 10)
        column.addWidget(label(words("programme.stages"), 20, 700))
        inside = QWidget()
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(0, 4, 8, 0)
        self._rows.setSpacing(8)
        column.addWidget(scrolled(inside), 1)

    def show_stages(self, stages: tuple[StageSeen, ...]) -> None:
        """Show them anew, first those that wait for something."""
        emptied(self._rows)
        self.choices = {}
        for seen in sorted(stages, key=lambda seen: seen.open):
            self._rows.addLayout(self._row(seen))
        self._rows.addStretch(1)

    def _row(self, seen: StageSeen) -> QHBoxLayout:
        row, text = QHBoxLayout(), QVBoxLayout()
        text.setSpacing(0)
        state = words("programme.state.open" if seen.open else "programme.state.not_yet")
        if not seen.rules and seen.open:
            state = words("programme.state.start")
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(label(seen.stage.title, 20, 600))
        head.addWidget(label(state, 18, 550, name="good" if seen.open else "faint"))
        head.addStretch(1)
        text.addLayout(head)
        for rule in seen.rules:
            text.addWidget(label(self.rule_text(rule), 18, 450, name="second", wraps=True))
            reason = words("programme.rule.why", needs=_needs(rule), reason=rule.rule.reason)
            text.addWidget(label(reason, 18, 450, name="faint", wraps=True))
        row.addLayout(text, 1)
        row.addWidget(self._combo(seen), 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _combo(self, seen: StageSeen) -> QComboBox:
        made = QComboBox()
        lettered(made, 18, 550)
        made.setAccessibleName(words("programme.stage", stage=seen.stage.title))
        for choice in ("rules", *(each for each in CHOICES if each != "rules")):
            made.addItem(words(f"programme.choice.{choice}"), choice)
        made.setCurrentIndex(made.findData(seen.chosen))
        key = STAGE_KEY + seen.stage.id
        made.activated.connect(lambda _index: self._keep(key, str(made.currentData())))
        self.choices[seen.stage.id] = made
        return made

    def rule_text(self, seen: RuleSeen) -> str:
        """Say how far a rule is met."""
        rule = seen.rule
        exercise = self._catalogue[rule.exercise].title if rule.exercise in self._catalogue else rule.exercise
        if seen.skipped:
            return words("programme.rule.skipped", exercise=exercise)
        key = "programme.rule" if seen.sessions else "programme.rule.none"
        counts = {"fulfilled": seen.fulfilled, "sessions": seen.sessions, "asked": rule.sessions, "of": rule.of}
        return words(key, exercise=exercise, **counts)


def _needs(seen: RuleSeen) -> str:
    return ", ".join(words(f"programme.needs.{need}") for need in seen.rule.needs)


class LogCard(QFrame):
    """Hamstring tension and pain, day by day beside the index, and a place to say them now."""

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self.setObjectName("card")
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 12)
        column.addWidget(label(words("programme.log"), 20, 700))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(2)
        column.addLayout(self._grid)
        column.addStretch(1)
        self.answers: dict[str, QComboBox] = {}
        row = QHBoxLayout()
        for key, name in ((TENSION_KEY, "tension"), (PAIN_KEY, "pain")):
            text = words(f"programme.say.{name}")
            row.addWidget(label(text, 18, 550))
            made = self.answers[name] = QComboBox()
            lettered(made, 18, 550)
            made.setAccessibleName(text)
            made.addItem(words("programme.say.choose"), "")
            for value in range(MOST + 1):
                made.addItem(str(value), str(value))
            made.activated.connect(lambda _index, made=made, key=key: self._said(keep, key, made))
            row.addWidget(made)
        row.addStretch(1)
        column.addLayout(row)

    def _said(self, keep: Keep, key: str, combo: QComboBox) -> None:
        value = str(combo.currentData())
        if value:
            keep(key, value)
        combo.setCurrentIndex(0)

    def show_log(self, log: tuple[LogLine, ...]) -> None:
        """Show the newest lines."""
        emptied(self._grid)
        if not log:
            self._grid.addWidget(label(words("programme.log.none"), 18, 450, name="second"), 0, 0)
            return
        heads = ("day", "after", "index", "tension", "pain")
        rows = [tuple(words(f"programme.log.{head}") for head in heads), *map(_cells, log[-LOG_LINES:])]
        for line, cells in enumerate(rows):
            for place, text in enumerate(cells):
                cell = label(text, 18, 500 if line else 450, name="" if line else "second")
                side = Qt.AlignmentFlag.AlignLeft if place < 2 else Qt.AlignmentFlag.AlignRight
                self._grid.addWidget(cell, line, place, side)
        self._grid.setColumnStretch(1, 1)


def _cells(line: LogLine) -> tuple[str, ...]:
    told = (number(value, 0) if math.isfinite(value) else "" for value in (line.tension, line.pain))
    index = value_text(line.sdi, "ln") if math.isfinite(line.sdi) else ""
    return (day_text(line.day), line.exercise or words("programme.log.alone"), index, *told)
