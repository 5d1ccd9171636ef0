"""The main window: pages, keys, status line, end card; each tick it drains the bridge and repaints once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMessageBox, QStackedWidget

from emgmon.exercise.catalogue import Exercise
from emgmon.live import late, near, readout
from emgmon.live.beside import Beside
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.calibrate import CalibrateScreen
from emgmon.live.controls import Controls
from emgmon.live.dropping import Dropping
from emgmon.live.endcard import EndCard
from emgmon.live.header import Header
from emgmon.live.keys import press
from emgmon.live.marks import Feedback
from emgmon.live.pages import CALIBRATE, HISTORY, PROGRAMME, REVIEW, SENSORS, SIGNALS, TRAIN, Page
from emgmon.live.phone import Phone
from emgmon.live.raw import SignalsScreen
from emgmon.live.sensors import SensorsScreen
from emgmon.live.sound import Player
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.tasks import task_of
from emgmon.live.theme import DARK, Theme
from emgmon.live.training import TrainingScreen
from emgmon.model import Event, SetClosed, SignalSeen
from emgmon.runner.board import RECORDING, Board, View

if TYPE_CHECKING:
    from emgmon.live.history import HistoryScreen
    from emgmon.live.programme import ProgrammeScreen
    from emgmon.live.review import ReviewScreen

LEAST_SIZE = (900, 540)


class Window(QMainWindow):
    """The window of one session.

    Parameters
    ----------
    bridge : Bridge
    on_close : callable
        Called when the person closes the window; tells whether it may close now.
    title : str
    recording : bool
        The session is being written to a file.
    theme : Theme
    player : Player, optional
        What is heard; without one the session is silent.
    board : Board, optional
        Of a session that is conducted in the window; it adds the screens before the training, and the controls.
    catalogue : mapping of str to Exercise
        What can be chosen there.
    store : str, optional
        Store of the sessions that History shows; the usual one without.
    phone : Phone, optional
        Where the training can be seen too.
    """

    review: late.Late[ReviewScreen] = late.Late(REVIEW)
    history: late.Late[HistoryScreen] = late.Late(HISTORY)
    programme: late.Late[ProgrammeScreen] = late.Late(PROGRAMME)

    def __init__(
        self,
        bridge: Bridge,
        on_close: Callable[[], bool],
        *,
        title: str = "emgmon",
        recording: bool = False,
        theme: Theme = DARK,
        player: Player | None = None,
        board: Board | None = None,
        catalogue: Mapping[str, Exercise] | None = None,
        store: str | None = None,
        phone: Phone | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.bridge, self.theme, self.state = bridge, theme, TrainState(recording=recording)
        self._on_close, self.player, self.store = on_close, player, store
        self.training, self.signals = TrainingScreen(self.state, theme), SignalsScreen(self.state, theme)
        self.board, self._asks, self._view = board, True, View()
        self.sensors: SensorsScreen | None = None
        self.calibrate: CalibrateScreen | None = None
        self.controls: Controls | None = None
        if board is not None:
            self.sensors = SensorsScreen(board, self.state, theme)
            self.controls = Controls(board, catalogue or {}, theme)
            self.calibrate = CalibrateScreen(board, self.state, lambda: self.show_page(TRAIN), theme)
        self.pages = {page.name: page for page in self._table()}
        self.screens = QStackedWidget()
        for page in self.pages.values():
            self.screens.addWidget(page.widget)
        self.header, self.status = Header(list(self.pages), self.select, words("keys.hint")), QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setObjectName("status")
        near.lettered(self.status, 20, 500)
        self._dropping = Dropping(self, self.open)
        middle = near.stacked(self.screens, (self.header, self.screens, self.controls, self.status))
        self.beside = Beside(middle, self.state, theme, conducted=board is not None, phone=phone or Phone(title))
        self.header.keys.clicked.connect(lambda _checked=False: self.beside.show_keys())
        self.setCentralWidget(middle)
        self.setMinimumSize(*LEAST_SIZE)  # else the letters of a large window would keep it large
        self.resize(1280, 800)
        self.select(0)
        self.set_theme(theme)

    def _table(self) -> list[Page]:
        """Return the pages in the order of their tabs."""
        pages = []
        if self.sensors is not None and self.calibrate is not None:
            pages = [
                Page(SENSORS, self.sensors, self.sensors, lively=False),
                Page(CALIBRATE, self.calibrate, self.calibrate, lively=False),
            ]
        return [
            *pages,
            Page(TRAIN, self.training, self.training, every=1),
            Page(SIGNALS, self.signals, self.signals, flows=True),
            *late.late_pages(),
        ]

    def tick(self) -> None:
        """Take in what waits, and repaint the screen that is seen."""
        self._follow_board()
        events = self.bridge.drain()
        if self.bridge.void:
            self.state.forget_signals()
            self.signals.forget()
        for event in events:
            self._take(event)
        self.beside.serve_phone()
        sound = self.player is not None and self.player.audible
        told = sound is not self.state.sound or not all(isinstance(event, SignalSeen) for event in events)
        self.state.sound, page = sound, self.page
        if page.lively and (told or (page.flows and events)):
            page.screen.refresh()
        if not told:  # most packets bring a signal alone: a frame comes when all sensors have reached it
            return
        if self.status.text() != (notice := readout.notice(self.state)):
            self.status.setText(notice)
        self.beside.refresh()

    def _take(self, event: Event) -> None:
        self.state.apply(event)
        if isinstance(event, SignalSeen):
            self.signals.take(event)
        elif isinstance(event, SetClosed) and not event.check and self.state.asks and self.controls is not None:
            self.controls.ask_tension()

    @property
    def page(self) -> Page:
        """Return the page in front."""
        return list(self.pages.values())[self.screens.currentIndex()]

    def _follow_board(self) -> None:
        """Show what is new on the board, and go on to the screen that is next."""
        if self.board is None or self.board.view is self._view:
            return
        before, self._view = self._view.stage, self.board.view
        if self.controls is not None:
            self.controls.refresh()
        for page in self.pages.values():
            if not page.lively and (page.widget.isVisible() or self._view.stage != before):
                page.screen.refresh()
                near.fit(page.widget, near.unit_of(self))
        if (task := task_of(self._view)) != self.state.task:
            self.state.task = task
            self._tell_player()
            self.training.refresh()
        self.state.recording = self._view.stage == RECORDING
        if self.state.recording and before != RECORDING:
            self.show_page(CALIBRATE)

    def show_page(self, name: str) -> None:
        """Show one screen by its name."""
        self.select(list(self.pages).index(name))

    def select(self, tab: int) -> None:
        """Show one screen by its place among the tabs; the keyboard goes with it."""
        late.make(self, list(self.pages)[tab])
        self.screens.setCurrentIndex(tab)
        self.header.select(tab)
        page = self.page
        page.screen.refresh()
        (self if page.widget.focusPolicy() == Qt.FocusPolicy.NoFocus else page.widget).setFocus()
        near.fit(page.widget, near.unit_of(self))

    def set_theme(self, theme: Theme) -> None:
        """Paint everything in another theme."""
        self.theme = theme
        pages = [page.screen for page in self.pages.values()]
        for part in (*pages, self.controls, self.beside):
            if part is not None:
                part.set_theme(theme)
        near.style_window(theme, self)

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen with the training alone, or go back to a window."""
        self.header.setVisible(not full)
        self.status.setVisible(not full)
        self.training.shows_notice = full
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    def show_ending(self, title: str, ending: Ending) -> None:
        """Lay the end card over the training screen."""
        self.beside.show_ending(self.training, title, readout.end_lines(self.state), ending, self.open)
        self.show_page(TRAIN)

    @property
    def card(self) -> EndCard | None:
        """The end card, None before the end."""
        return self.beside.card

    def change_feedback(self) -> None:
        """Go on to the next way of feedback, and say which it is."""
        ways = list(Feedback)
        self.state.feedback = ways[(ways.index(self.state.feedback) + 1) % len(ways)]
        self._tell_player()
        text = words("feedback.said", way=words(f"feedback.{self.state.feedback}"))
        self.state.notice, self.state.notice_s = text, self.state.clock_s
        self.status.setText(text)
        self.training.refresh()

    def _tell_player(self) -> None:
        if self.player is not None:
            self.player.know(self.state.feedback, self.state.task)

    def open(self, path: Path) -> None:
        """Show a recording on the Review page."""
        self.show_page(REVIEW)
        self.review.open(path)

    def say(self, text: str) -> None:
        """Write one sentence into the status line; it stays there."""
        self.state.notice, self.state.notice_s = text, float("inf")
        self.status.setText(text)
        self.training.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Do what the keys are for."""
        if not press(self, event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close at once, or when the session is saved; a recording that runs is ended only on the person's word."""
        if self._asks and self._view.stage == RECORDING and not self.confirms():
            event.ignore()
        elif self._on_close():
            self.beside.close()
            event.accept()
        else:
            event.ignore()

    def confirms(self) -> bool:
        """Ask whether the recording shall end."""
        text = words("window.really")
        choices = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No
        answer = QMessageBox.question(self, "emgmon", text, choices)
        self._asks = answer != QMessageBox.StandardButton.Yes
        return not self._asks

    def close_recording(self) -> None:
        """Stop reading and playing, where a recording was opened."""
        if late.is_made(self, REVIEW):
            self.review.close_recording()

    def close_at_once(self) -> None:
        """Close without a question."""
        self._asks = False
        self.close()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep cards in the middle, and letters in proportion."""
        super().resizeEvent(event)
        self._fit()
        self.beside.fit()

    def _fit(self) -> None:
        """Give everything the letters that suit the size of the window; the training page scales by itself."""
        unit = near.unit_of(self)
        near.fit(self, unit)
        self.status.setFixedHeight(round(38 * unit))
