"""The Programme page: what is due today, why, the timers, and what the person says to it. It proposes only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emgmon.errors import EmgmonError
from emgmon.exercise.catalogue import PROGRAMME_PHASES, Exercise, packaged
from emgmon.exercise.programme import DONE_KEY, HOLD, Plan, StageSeen
from emgmon.exercise.programme_table import packaged_programme
from emgmon.live.cues_sound import Sound
from emgmon.live.near import button, card, fit, label, lettered, style, unit_of
from emgmon.live.pages import SENSORS, TRAIN
from emgmon.live.programme_cards import LogCard, PhaseCard, StagesCard
from emgmon.live.programme_timer import TimerCard
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme
from emgmon.report.axes import day_text
from emgmon.runner.board import RECORDING, Board
from emgmon.runner.doing import SET
from emgmon.runner.history import stamp
from emgmon.runner.programme import Programmed, keep, read_plan


class ProgrammeScreen(QWidget):
    """Shows the plan of today, and takes what the person decides.

    Parameters
    ----------
    theme : Theme
    store : str, optional
        Path or URL of the store; the usual one without.
    board : Board, optional
        Of a session in which the exercises can be trained.
    go : callable
        Shows another page, by its name.
    cue : callable
        Makes one short sound heard; without it all is silent.
    today : callable
        The day of the plan.

    Attributes
    ----------
    found : Programmed or None
        What is shown.
    timer : TimerCard
    """

    def __init__(
        self,
        theme: Theme = DARK,
        *,
        store: str | None = None,
        board: Board | None = None,
        go: Callable[[str], None] = lambda _name: None,
        cue: Callable[[Sound], None] | None = None,
        today: Callable[[], dt.date] = lambda: dt.datetime.now().astimezone().date(),
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self.theme = theme
        self.found: Programmed | None = None
        self._store, self._board, self._go, self._today = store, board, go, today
        self._person = self._mark = self._wanted = ""
        self._programme = packaged_programme()
        self.title, self.lead = label("", 40, 700, wraps=True), label("", 20, 450, name="second", wraps=True)
        self.persons = QComboBox()
        lettered(self.persons, 20, 550)
        self.persons.setAccessibleName(words("programme.person"))
        self.persons.activated.connect(self._picked)
        self.screening = button(words("programme.screen"), size=20)
        self.screening.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.screening.clicked.connect(lambda: self.train(packaged()[self._programme.screen]))
        self.screening.setEnabled(board is not None)
        self.screening.setToolTip("" if board is not None else words("programme.train.none"))
        self.phases = {
            phase: PhaseCard(phase, self.time, self.train, can_train=board is not None)
            for phase in PROGRAMME_PHASES[1:]
        }
        self.stages, self.log = StagesCard(packaged(), self.keep), LogCard(self.keep)
        self.timer = TimerCard(theme, cue or (lambda _sound: None))
        self.timer.ended.connect(self._timed)
        self._below = QWidget()
        self._arrange()
        self.set_theme(theme)
        self.refresh()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 14, 26, 12)
        column.setSpacing(10)
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self.persons)
        row.addWidget(self.screening)
        column.addLayout(row)
        column.addWidget(self.lead)
        cards = QHBoxLayout()
        cards.setSpacing(14)
        for each in self.phases.values():
            cards.addWidget(each, 1)
        column.addLayout(cards, 5)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(14)
        below.addWidget(self.stages, 5)
        below.addWidget(self.log, 3)
        below.addWidget(self._reminders(), 3)
        column.addWidget(self._below, 6)
        column.addWidget(self.timer, 6)
        column.addWidget(label(self._programme.safety, 18, 500, name="warn", wraps=True))

    def _reminders(self) -> QWidget:
        made = card()
        column = QVBoxLayout(made)
        column.setContentsMargins(18, 14, 18, 12)
        column.addWidget(label(words("programme.reminders"), 20, 700))
        for text in self._programme.reminders:
            column.addWidget(label(text, 18, 450, name="second", wraps=True))
        column.addStretch(1)
        return made

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = self.timer.theme = theme
        style(theme, self)
        focus = f"QPushButton:focus, QComboBox:focus {{ border: 2px solid {theme.text}; }}"
        bars = (
            f"QScrollBar:vertical {{ background: {theme.panel}; width: 10px; margin: 0; }}"
            f"QScrollBar::handle {{ background: {theme.faint}; border-radius: 5px; min-height: 30px; }}"
            "QScrollBar::add-line, QScrollBar::sub-line { height: 0; } QScrollBar::add-page, QScrollBar::sub-page"
            " { background: transparent; }"
        )
        self.setStyleSheet(f"{self.styleSheet()}#page #inside {{ background: {theme.panel}; }}{focus}{bars}")

    def look_at(self, person: str) -> None:
        """Show the plan of somebody else than the usual person."""
        self._person = person
        self._read()

    def refresh(self) -> None:
        """Read the plan when the store or the day changed, and choose what waited for the recording."""
        if self._wanted and self._board is not None and self._board.view.stage == RECORDING:
            self._board.tell("exercise", self._wanted)
            self._wanted = ""
        mark = self._changed()
        if mark != self._mark or mark.endswith("?") or self.found is None:
            self._mark = mark
            self._read()

    def _changed(self) -> str:
        """Return what differs when the plan may differ: the day, and the store's files."""
        return f"{self._today()} {stamp(self._store)}"

    def _read(self) -> None:
        try:
            self.show_plan(read_plan(self._store, self._person, self._today()))
        except EmgmonError as error:
            self.title.setText(words("page.programme"))
            self.lead.setText(words("programme.trouble", why=error))

    def show_plan(self, found: Programmed) -> None:
        """Show a plan."""
        self.found = found
        plan = found.plan
        new = not plan.log and not any(item.last for _phase, items in plan.phases for item in items)
        day = day_text(plan.day)
        self.title.setText(words("programme.new") if new else words("programme.title", day=day))
        self.lead.setText(" ".join(self._leads(plan, new=new)))
        self.persons.clear()
        self.persons.addItems(found.persons)
        self.persons.setCurrentText(found.person)
        self.persons.setVisible(len(found.persons) > 1)
        items = dict(plan.phases)
        for phase, each in self.phases.items():
            of_phase = [seen for seen in plan.stages if seen.stage.phase == phase]
            title, why = self._headed(of_phase, rests=plan.rests and phase not in items)
            each.show_items(title, why, items.get(phase, ()))
        self.stages.show_stages(plan.stages)
        self.log.show_log(plan.log)
        fit(self, unit_of(self.window()))

    def _leads(self, plan: Plan, *, new: bool) -> list[str]:
        told = [words("programme.simulated")] if plan.simulated else []
        told.append(words("programme.lead.new" if new else "programme.lead"))
        if self._board is None:
            told.append(words("programme.train.none"))
        if plan.rests:
            told.append(words("programme.rests", reason=self._programme.rest_reason))
        reason, screened = self._programme.screen_reason, day_text(plan.screened)
        if plan.screen_due:
            told.append(words(f"programme.screen.{plan.screen_due}", day=screened, reason=reason))
        else:
            at = dt.date.fromisoformat(plan.screened)
            days = (self._programme.screen_from_days, self._programme.screen_to_days)
            soonest, latest = (day_text((at + dt.timedelta(days=each)).isoformat()) for each in days)
            told.append(words("programme.screen.next", day=screened, soonest=soonest, latest=latest))
        return told

    def _headed(self, stages: list[StageSeen], *, rests: bool) -> tuple[str, str]:
        """Return title and reason of what a phase holds: the furthest open stage, or what the next waits for."""
        is_open = [seen for seen in stages if seen.open]
        if is_open:
            return is_open[-1].stage.title, words("programme.rest_today") if rests else is_open[-1].stage.why
        first = stages[0]
        if first.chosen == HOLD or not first.rules:
            return first.stage.title, words("programme.closed")
        waits = next((rule for rule in first.rules if not rule.met), first.rules[0])
        return first.stage.title, words("programme.opens", rule=self.stages.rule_text(waits))

    def _picked(self) -> None:
        self._person = self.persons.currentText()
        self._read()

    # --- what the person does -------------------------------------------------------------------------------------

    def time(self, exercise: Exercise) -> None:
        """Begin the timer of an exercise, in the place of the stages."""
        self._below.setVisible(False)
        self.timer.start(exercise)
        fit(self.timer, unit_of(self.window()))

    def _timed(self, name: str, done: bool) -> None:
        self._below.setVisible(True)
        if done:
            self.keep(DONE_KEY, name)
        for each in self.phases.values():
            if name in each.buttons:
                each.buttons[name].setFocus()

    def train(self, exercise: Exercise) -> None:
        """Choose an exercise with what is asked of it, and go to where it is trained."""
        if self._board is None:
            return
        if self._board.view.doing.what == SET:
            self.lead.setText(words("programme.in_set"))
        elif self._board.view.stage == RECORDING:
            self._board.tell("exercise", exercise.id)
            self._go(TRAIN)
        else:
            self._wanted = exercise.id
            self.lead.setText(words("programme.later", exercise=exercise.title))
            self._go(SENSORS)

    def keep(self, key: str, value: str) -> None:
        """Keep what the person said or chose, and show the plan that follows from it."""
        person = self.found.person if self.found is not None else self._person
        try:
            keep(self._store, person, [(key, value)])
        except EmgmonError as error:
            self.lead.setText(words("programme.trouble", why=error))
            return
        self._mark = self._changed()
        self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape stops the timer."""
        if event.key() == Qt.Key.Key_Escape and self.timer.countdown is not None:
            self.timer.stop.click()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Letters suit the window's height."""
        fit(self, unit_of(self.window()))
        super().resizeEvent(event)
