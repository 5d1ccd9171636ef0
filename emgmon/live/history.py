"""The History page: what changed from day to day, and how sure that is; two days side by side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emgmon.errors import EmgmonError
from emgmon.live.history_cards import Beside, SmallCard
from emgmon.live.history_plot import WeeksPlot
from emgmon.live.near import card, fit, label, lettered, style, unit_of
from emgmon.live.strings import words
from emgmon.live.theme import DARK, Theme
from emgmon.metrics.comparable import Asked
from emgmon.metrics.weeks import numbers, sideways, usual
from emgmon.model import PastSet
from emgmon.report.compare import READ, Weeks, over_weeks, side_rows
from emgmon.report.telling import name_of, told
from emgmon.runner.history import Known, read_known, stamp

LOOK_MS = 30
SMALL_CARDS = 3
WIDE = 1400
"""A page of so many pixels has room for the key beside the title of the chart."""


class Wish(NamedTuple):
    """What the person asked for; empty is the usual."""

    person: str = ""
    exercise: str = ""
    asked: Asked | None = None


class Shown(NamedTuple):
    """What was read, and what it says; `trouble` is a sentence when it could not be read."""

    known: Known | None
    weeks: Weeks | None
    trouble: str = ""


class HistoryScreen(QWidget):
    """Shows one number of one exercise over weeks, as large as it can be, and others small.

    Parameters
    ----------
    theme : Theme
    store : str, optional
        Path or URL of the store; the usual one without.

    Attributes
    ----------
    shown : Shown
    plot : WeeksPlot
    """

    def __init__(self, theme: Theme = DARK, store: str | None = None) -> None:
        super().__init__()
        self.setObjectName("page")
        self.theme, self.shown = theme, Shown(None, None)
        self._store, self._wish, self._mark = store, Wish(), ""
        self._found: SimpleQueue[tuple[Wish, Shown]] = SimpleQueue()
        self._reading = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._title, self._lead = label("", 44, 700, wraps=True), label("", 22, 450, name="second", wraps=True)
        self._chart_title, self._hint = label("", 22, 650), label("", 18, 450, name="second")
        self._combos = [self._combo(key) for key in ("history.person", "history.exercise", "history.number")]
        self.plot = WeeksPlot(theme)
        self.plot.setAccessibleName(words("page.history"))
        self.plot.changed.connect(self._chosen)
        self._cards = [SmallCard(theme) for _ in range(SMALL_CARDS)]
        self._beside = Beside()
        self._big, self._small = card(), QWidget()
        self._arrange()
        self.set_theme(theme)
        self._show()

    def _combo(self, key: str) -> QComboBox:
        made = QComboBox()
        lettered(made, 20, 550)
        made.setAccessibleName(words(key))
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.activated.connect(lambda _index, made=made: self._picked(made))
        return made

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 16, 26, 16)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        for combo in self._combos:
            row.addWidget(combo)
        column.addLayout(row)
        column.addWidget(self._lead)
        inside = QVBoxLayout(self._big)
        inside.setContentsMargins(20, 14, 20, 10)
        head = QHBoxLayout()
        head.addWidget(self._chart_title)
        head.addStretch(1)
        head.addWidget(self._hint)
        inside.addLayout(head)
        inside.addWidget(self.plot, 1)
        column.addWidget(self._big, 5)
        cards = QHBoxLayout(self._small)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(16)
        for each in self._cards:
            cards.addWidget(each, 1)
        column.addWidget(self._small, 2)
        column.addWidget(self._beside, 2)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = theme
        style(theme, self)
        for plot in (self.plot, *(each.plot for each in self._cards)):
            plot.theme = theme
            plot.update()

    def look_at(self, person: str) -> None:
        """Show the weeks of somebody else than the usual person, from the next time that the page is seen."""
        self._wish, self._mark = Wish(person), ""

    def refresh(self) -> None:
        """Read the store when it changed since it was read last; the window goes on meanwhile."""
        if not self._reading and self._changed():
            self._read()

    def _changed(self) -> bool:
        """Whether the store may be another than the one that was read."""
        before, self._mark = self._mark, stamp(self._store)
        return self._mark != before or self._mark.endswith("?")

    def _read(self) -> None:
        self._reading = True
        wish, store = self._wish, self._store
        threading.Thread(target=lambda: self._found.put((wish, _read(store, wish))), daemon=True).start()
        self._timer.start(LOOK_MS)
        if self.shown.known is None:
            self._show()

    def _look(self) -> None:
        """Take what was read."""
        try:
            wish, self.shown = self._found.get_nowait()
        except Empty:
            return
        self._reading = False
        self._timer.stop()
        if wish != self._wish:
            self._read()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Leave what is being read for when the page is seen again."""
        if self._reading:
            self._timer.stop()
            self._reading, self._mark, self._found = False, "", SimpleQueue()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Letters suit the window's height."""
        fit(self, unit_of(self.window()))
        self._chosen()
        super().resizeEvent(event)

    def _picked(self, combo: QComboBox) -> None:
        person, exercise, number = (each.currentData() for each in self._combos)
        if combo is self._combos[0]:
            self._wish = Wish(person)
        elif combo is self._combos[1]:
            self._wish = Wish(person, exercise)
        else:
            self._wish = Wish(person, exercise, number)
        if not self._reading:
            self._read()

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        weeks, known = self.shown.weeks, self.shown.known
        full = weeks is not None and known is not None
        for part in (self._big, self._small, *self._combos):
            part.setVisible(full)
        self._beside.hide()
        if known is not None:
            self._fill_combos(known, weeks.main.asked if weeks else None)
        if weeks is None or known is None:
            title, how = words("history.none"), words("history.none.how")
            if self._reading:
                title, how = words("history.reading"), ""
            elif self.shown.trouble:
                title, how = words("history.trouble"), self.shown.trouble
            self._title.setText(title)
            self._lead.setText(how)
            return
        said = told(weeks.main)
        self._title.setText(said.title)
        lead = words("history.simulated", lead=said.lead) if weeks.main.simulated else said.lead
        self._lead.setText(lead)
        self._lead.setToolTip("\n".join(said.notes))
        self._chart_title.setText(words("history.chart", name=name_of(weeks.main.asked)))
        self.plot.show_comparison(weeks.main)
        for place, each in enumerate(self._cards):
            each.setVisible(place < len(weeks.others))
            if place < len(weeks.others):
                each.show_comparison(weeks.others[place])
        self._chosen()
        fit(self, unit_of(self.window()))

    def _fill_combos(self, known: Known, asked: Asked | None) -> None:
        every = {item.exercise: item.exercise_title for item in known.sets}
        titles = {exercise: title for exercise, title in every.items() if usual(known.sets, exercise)}
        offered = [
            each
            for each in numbers(known.sets)
            if asked and each.exercise == asked.exercise and each.metric in READ and each.where in {"both", "G"}
        ]
        offered.sort(key=lambda each: (asked is None or each.phase != asked.phase, each.metric != "sdi"))
        rows: tuple[tuple[Sequence[tuple[str, object]], object], ...] = (
            ([(name, name) for name in known.persons], known.person),
            ([(title, exercise) for exercise, title in titles.items()], asked.exercise if asked else None),
            ([(name_of(each), each) for each in offered], asked),
        )
        for combo, (entries, now) in zip(self._combos, rows, strict=True):
            combo.clear()
            for text, data in entries:
                combo.addItem(text, data)
            combo.setCurrentIndex(next((n for n, (_text, data) in enumerate(entries) if data == now), -1))
        self._combos[0].setVisible(len(known.persons) > 1)

    def _chosen(self) -> None:
        """Tell the chosen day, or put two side by side."""
        known, weeks, chosen = self.shown.known, self.shown.weeks, self.plot.chosen
        if known is None or weeks is None:
            return
        sets = [_set_of(known.sets, weeks.main.asked, weeks.main.days[place].day) for place in chosen]
        if len(sets) == 2 and sets[0] is not None and sets[1] is not None:
            first, second = sorted((sets[0], sets[1]), key=lambda item: item.started_utc)
            found = sideways(first, second)
            self._beside.show_rows(first.day, second.day, side_rows(found), found.warnings)
        self._beside.setVisible(len(sets) == 2)
        self._small.setVisible(len(sets) != 2)
        place = chosen[0] if len(chosen) == 1 else self.plot.here if not chosen else -1
        hint = words("history.keys")
        if self.width() >= WIDE:
            hint = words("history.key") + "   " + hint
        if place >= 0:
            day = weeks.main.days[place]
            hint = self.plot.told(place)
            if chosen:
                hint = words("history.one", day=day.day, value=hint.partition(": ")[2])
        self._hint.setText(hint)


def _read(store: str | None, wish: Wish) -> Shown:
    try:
        known = read_known(store, wish.person)
    except EmgmonError as error:
        return Shown(None, None, str(error))
    if known is None:
        return Shown(None, None)
    return Shown(known, over_weeks(known.sets, wish.exercise or known.chosen, wish.asked, chosen=known.chosen))


def _set_of(sets: Sequence[PastSet], asked: Asked, day: str) -> PastSet | None:
    """Return the first set of a day that has the number."""
    of_day = (item for item in sets if item.exercise == asked.exercise and item.day == day)
    return next((item for item in of_day if item.estimate(asked.metric, asked.phase, asked.where)), None)
