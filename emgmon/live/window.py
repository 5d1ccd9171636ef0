"""The main window: pages, keys, status line, end card; each tick it drains the bridge and repaints once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from emgmon.exercise.catalogue import Exercise
from emgmon.live import readout
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.calibrate import CalibrateScreen
from emgmon.live.controls import KEYS as LIVE_KEYS
from emgmon.live.controls import Controls
from emgmon.live.dropping import recording_of
from emgmon.live.endcard import EndCard
from emgmon.live.header import Header
from emgmon.live.history import HistoryScreen
from emgmon.live.pages import CALIBRATE, HISTORY, REVIEW, SENSORS, SIGNALS, TRAIN, Page
from emgmon.live.raw import SignalsScreen
from emgmon.live.review import ReviewScreen
from emgmon.live.sensors import SensorsScreen
from emgmon.live.sound import Player
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.live.theme import DARK, LIGHT, Theme, font
from emgmon.live.training import TrainingScreen
from emgmon.model import SignalSeen
from emgmon.runner.board import RECORDING, Board, View

KEYS = "1 2 3 … pages    O open    M sound    T colours    F11 full screen    Space pause signals"


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
    """

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
    ) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.bridge, self.theme, self.state = bridge, theme, TrainState(recording=recording)
        self.card: EndCard | None = None
        self._on_close, self._player = on_close, player
        self.training, self.signals = TrainingScreen(self.state, theme), SignalsScreen(self.state, theme)
        self.review, self.history = ReviewScreen(theme), HistoryScreen(theme)
        self.board, self._asks, self._view = board, True, View()
        self.sensors: SensorsScreen | None = None
        self.calibrate: CalibrateScreen | None = None
        self.controls: Controls | None = None
        if board is not None:
            self.sensors = SensorsScreen(board, self.state, theme)
            self.controls = Controls(board, catalogue or {}, theme)
            self.calibrate = CalibrateScreen(board, self.controls, theme)
        self.pages = {page.name: page for page in self._table()}
        self.screens = QStackedWidget()
        for page in self.pages.values():
            self.screens.addWidget(page.widget)
        self.header, self.status = Header(list(self.pages), self.select, KEYS), QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.setAcceptDrops(True)
        self._arrange()
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
            Page(TRAIN, self.training, self.training),
            Page(SIGNALS, self.signals, self.signals),
            Page(REVIEW, self.review, self.review, lively=False),
            Page(HISTORY, self.history, self.history, lively=False),
        ]

    def tick(self) -> None:
        """Take in what waits, and repaint the screen that is seen."""
        self._follow_board()
        events = self.bridge.drain()
        if self.bridge.void:
            self.state.forget_signals()
            self.signals.forget()
        for event in events:
            self.state.apply(event)
            if isinstance(event, SignalSeen):
                self.signals.take(event)
        sound = self._player is not None and self._player.audible
        if not events and sound is self.state.sound:
            return
        self.state.sound = sound
        if self.status.text() != (notice := readout.notice(self.state)):
            self.status.setText(notice)
        page = self._page()
        if page.lively:
            page.screen.refresh()

    def _page(self) -> Page:
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
        self.state.recording = self._view.stage == RECORDING
        if self.state.recording and before != RECORDING:
            self.header.keys.setText(LIVE_KEYS)
            self.show_page(CALIBRATE)

    def show_page(self, name: str) -> None:
        """Show one screen by its name."""
        self.select(list(self.pages).index(name))

    def select(self, tab: int) -> None:
        """Show one screen by its place among the tabs."""
        self.screens.setCurrentIndex(tab)
        self.header.select(tab)
        self._page().screen.refresh()
        if self.card is not None:
            self.card.setVisible(self.screens.currentWidget() is self.training)

    def set_theme(self, theme: Theme) -> None:
        """Paint everything in another theme."""
        self.theme = theme
        for page in self.pages.values():
            page.screen.set_theme(theme)
        if self.controls is not None:
            self.controls.set_theme(theme)
        self.setStyleSheet(
            f"QMainWindow, #header {{ background: {theme.panel}; }}"
            f"#header QLabel, #header QPushButton {{ color: {theme.text}; background: transparent; }}"
            f"#header QPushButton {{ border: 0; border-radius: 12px; padding: 4px 16px; color: {theme.second}; }}"
            f"#header QPushButton:checked {{ background: {theme.raised}; color: {theme.text}; }}"
            f"#header #keys {{ color: {theme.faint}; }}"
            f"#status {{ color: {theme.second}; background: {theme.panel}; padding: 0 18px; }}"
        )
        if self.card is not None:
            self.card.set_theme(theme)

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
        if self.card is not None:
            self.card.deleteLater()
        self.card = EndCard(title, readout.end_lines(self.state), ending, self.theme, self.training)
        self.card.show()
        self.show_page(TRAIN)

    def open(self, path: Path) -> None:
        """Show a recording on the Review page."""
        self.show_page(REVIEW)
        self.review.open(path)

    def ask_for_recording(self) -> None:
        """Let the person point at a recording, and show it."""
        folder = str(Path.home() / "Documents" / "emgmon")
        path, _kind = QFileDialog.getOpenFileName(self, words("review.open"), folder, words("review.kind"))
        if path:
            self.open(Path(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take a recording that is dragged over the window."""
        if recording_of(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Show the recording that was dropped."""
        path = recording_of(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open(path)

    def say(self, text: str) -> None:
        """Write one sentence into the status line; it stays there."""
        self.state.notice, self.state.notice_s = text, float("inf")
        self.status.setText(text)
        self.training.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Do what the keys are for."""
        key = event.key()
        if self.controls is not None and self.controls.press(event):
            return
        if 0 <= key - Qt.Key.Key_1 < len(self.pages):
            self.select(key - Qt.Key.Key_1)
        elif key == Qt.Key.Key_Q and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.close()
        elif key == Qt.Key.Key_M and self._player is not None:
            self._player.muted = not self._player.muted
        elif key == Qt.Key.Key_O:
            self.ask_for_recording()
        elif key == Qt.Key.Key_T:
            self.set_theme(LIGHT if self.theme is DARK else DARK)
        elif key == Qt.Key.Key_F11:
            self.set_full_screen(not self.isFullScreen())
        elif key == Qt.Key.Key_Escape and self.isFullScreen():
            self.set_full_screen(False)
        elif key == Qt.Key.Key_Space and self.screens.currentWidget() is self.signals:
            self.signals.set_paused(not self.signals.paused)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close at once, or when the session is saved; a recording that runs is ended only on the person's word."""
        if self._asks and self._view.stage == RECORDING and not self.confirms():
            event.ignore()
        elif self._on_close():
            event.accept()
        else:
            event.ignore()

    def confirms(self) -> bool:
        """Ask whether the recording shall end."""
        text = "The session is being recorded. Finish it and close? What was recorded is kept."
        choices = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No
        answer = QMessageBox.question(self, "emgmon", text, choices)
        self._asks = answer != QMessageBox.StandardButton.Yes
        return not self._asks

    def close_at_once(self) -> None:
        """Close without a question."""
        self._asks = False
        self.close()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the end card in the middle."""
        super().resizeEvent(event)
        self._fit()
        if self.card is not None:
            self.card.fit()

    def _fit(self) -> None:
        """Give header and status line the letters that suit the height of the window."""
        unit = min(1.4, max(0.7, self.height() / 1080))
        self.header.fit(unit)
        self.status.setFont(font(20 * unit, 500))
        self.status.setFixedHeight(round(38 * unit))

    def _arrange(self) -> None:
        """Put header, screens and status line above each other."""
        self.status.setObjectName("status")
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.screens, 1)
        if self.controls is not None:
            column.addWidget(self.controls)
        column.addWidget(self.status)
        self.setCentralWidget(middle)
