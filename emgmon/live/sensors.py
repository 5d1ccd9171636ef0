"""The Sensors screen: which sensors are heard, where each channel sits, what is wrong, and a test of sites."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from emgmon.live.backview import BackView
from emgmon.live.cards import themed, thin_bars
from emgmon.live.near import style
from emgmon.live.sensor_cards import HeardCard, MissingCard, SensorCard
from emgmon.live.sensor_parts import Nothing, TestStrip
from emgmon.live.sensors_head import SensorsHead
from emgmon.live.state import TrainState
from emgmon.live.theme import DARK, Theme
from emgmon.model import Placement
from emgmon.runner.board import PLACING, RECORDING, SCANNING, Board, Channel, View


class SensorsScreen(QWidget):
    """Shows the board's sensors, and writes what the person chooses on the board.

    Parameters
    ----------
    board : Board
    state : TrainState
        For lights, remedies and lost samples.

    Attributes
    ----------
    go : QPushButton
        Connects, or goes on to the recording.
    rows : list of HeardCard, SensorCard or MissingCard
    picked : (str, int) or None
        Sensor and channel that the next click on the body places.
    """

    def __init__(self, board: Board, state: TrainState, theme: Theme = DARK) -> None:
        super().__init__()
        self.setObjectName("page")
        self.board, self.state, self.theme = board, state, theme
        self.head = SensorsHead()
        self.go, self.test = self.head.go, self.head.test
        self.go.clicked.connect(self._go)
        self.test.clicked.connect(self._test)
        self.back = BackView(state, theme, self.pick_site)
        self.strip, self.nothing = TestStrip(self._swap), Nothing()
        self.rows: list[HeardCard | SensorCard | MissingCard] = []
        self.picked: tuple[str, int] | None = None
        self._shown: object = None
        self._site: Placement | None = None
        self._taps = 0
        self._column, self._scroll = QVBoxLayout(), QScrollArea()
        self._arrange()
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self.theme = self.back.theme = theme
        style(theme, self)
        flat = "QComboBox#title { background: transparent; border: 0; padding: 0 4px 0 0; }"
        still = f"QComboBox#title:disabled {{ color: {theme.text}; }}"
        self.setStyleSheet(f"{self.styleSheet()} {thin_bars(theme)} {flat} {still}")
        themed(self, theme)
        self.back.update()

    def refresh(self) -> None:
        """Show what the board and the state say now."""
        view = self.board.view
        structure = _structure(view)
        if structure != self._shown:
            self._shown = structure
            self._fill(view)
        if view.tapped[1] != self._taps:
            self._taps = view.tapped[1]
            self.pick(view.tapped[0], 0)
        for row in self.rows:
            if isinstance(row, SensorCard):
                row.refresh(view, picked=self.picked == (row.channel.device, row.channel.number))
            else:
                row.refresh(view)
        self._refresh_head()
        self.strip.refresh(view)
        self.nothing.refresh(view)
        squeezed = view.squeeze.place if view.squeeze is not None else None
        self.back.picked = squeezed or self._picked_site(view)
        self.back.update()

    def pick(self, device: str, number: int) -> None:
        """Pick a channel; where a site was picked before, it is placed there."""
        site, self._site = self._site, None
        known = self._card(device, number)
        if known is None or not self.board.view.may_place(device):
            return
        self.picked = (device, number)
        self._scroll.ensureWidgetVisible(known)
        if site is not None:
            self._put_at(known, site)

    def pick_site(self, place: Placement) -> None:
        """Place the picked channel at a site; without one, pick who sits there, or the site itself."""
        card = self._card(*self.picked) if self.picked is not None else None
        if card is not None:
            self._put_at(card, place)
            return
        if self.board.view.stage != PLACING:
            return
        here = [c for c in self._cards() if c.channel.placement == place]
        self._site = None if here else place
        self.picked = (here[0].channel.device, here[0].channel.number) if here else None
        self.refresh()

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key is for; false when it is for something else."""
        key, view = event.key(), self.board.view
        if view.stage == RECORDING and view.joined:
            return self._press_late(key)
        if view.stage not in {SCANNING, PLACING} or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.go.isEnabled():
            self._go()
        elif view.stage == PLACING and key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif view.stage == PLACING and key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and self.picked:
            self._turn(1 if key == Qt.Key.Key_Right else -1)
        elif view.stage == PLACING and key == Qt.Key.Key_E:
            self.board.tell("test")
        elif view.stage == PLACING and key == Qt.Key.Key_C:
            self.board.tell("cancel")
        elif view.stage == PLACING and key == Qt.Key.Key_Escape and (self.picked or self._site):
            self.picked = self._site = None
            self.refresh()
        else:
            return False
        return True

    def _press_late(self, key: int) -> bool:
        """Place by keys who joined a recording that runs."""
        if key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and self.picked:
            self._turn(1 if key == Qt.Key.Key_Right else -1)
        else:
            return False
        return True

    def _turn(self, by: int) -> None:
        """Let the picked channel sit at the next place of its list, or the one before."""
        card = self._card(*self.picked) if self.picked is not None else None
        if card is not None:
            card.turn(by)
            self._place(card.channel.device)

    def _cards(self) -> list[SensorCard]:
        return [row for row in self.rows if isinstance(row, SensorCard)]

    def _card(self, device: str, number: int) -> SensorCard | None:
        return next((c for c in self._cards() if (c.channel.device, c.channel.number) == (device, number)), None)

    def _picked_site(self, view: View) -> Placement | None:
        if self._site is not None or self.picked is None:
            return self._site
        return next((c.placement for c in view.channels if (c.device, c.number) == self.picked), None)

    def _step(self, by: int) -> None:
        """Pick the next card, or the one before."""
        cards = [card for card in self._cards() if self.board.view.may_place(card.channel.device)]
        if cards:
            names = [(card.channel.device, card.channel.number) for card in cards]
            at = names.index(self.picked) + by if self.picked in names else (0 if by > 0 else -1)
            self.pick(*names[at % len(names)])
            self.refresh()

    def _put_at(self, card: SensorCard, place: Placement) -> None:
        """Place one channel; who was there has no place then."""
        self.picked = None
        may_place = self.board.view.may_place
        there = [other for other in self._cards() if other.channel.placement == place and other is not card]
        moved = [other for other in there if may_place(other.channel.device)]
        for other in moved:
            other.choose(None)
        card.choose(place)
        self._place(*{other.channel.device: None for other in (card, *moved)})
        self.refresh()

    def _place(self, *devices: str) -> None:
        """Write on the board where all channels of sensors are said to sit."""
        rows = []
        for device in devices:
            mine = [card.chosen() for card in self._cards() if card.channel.device == device]
            rows.append(f"{device}={','.join(mine)}")
        self.board.tell("place", "\t".join(rows))

    def _swap(self, first: Placement, second: Placement) -> None:
        """Exchange two places."""
        one, other = (next(c for c in self._cards() if c.channel.placement == place) for place in (first, second))
        one.choose(second)
        other.choose(first)
        self._place(*dict.fromkeys((one.channel.device, other.channel.device)))

    def _go(self) -> None:
        if self.board.view.stage == SCANNING:
            heard = [row for row in self.rows if isinstance(row, HeardCard)]
            self.board.tell("connect", "\t".join(row.heard.name for row in heard if row.wanted.isChecked()))
        else:
            self.board.tell("go")

    def _test(self) -> None:
        self.board.tell("cancel" if self.board.view.squeeze is not None else "test")

    def _refresh_head(self) -> None:
        heard = [row for row in self.rows if isinstance(row, HeardCard)]
        picked = self._card(*self.picked) if self.picked is not None else None
        chosen = sum(row.wanted.isChecked() for row in heard)
        self.head.refresh(self.board.view, self.state, chosen, picked.title if picked else "", self._site)

    def _fill(self, view: View) -> None:
        """Make the cards anew."""
        left_out = {row.heard.name for row in self.rows if isinstance(row, HeardCard) and not row.wanted.isChecked()}
        for old in self.rows:
            self._column.removeWidget(old)
            old.deleteLater()
        self.rows = []
        if view.stage == SCANNING:
            self.rows += [HeardCard(heard, wanted=heard.name not in left_out) for heard in view.heard]
            for row in self.rows:
                if isinstance(row, HeardCard):
                    row.wanted.toggled.connect(lambda _on: self._refresh_head())
        else:
            devices = [channel.device for channel in view.channels]
            self.rows += [self._made(channel, several=devices.count(channel.device) > 1) for channel in view.channels]
            missing = [name for name in view.wanted if name not in devices]
            self.rows += [MissingCard(name, self._search) for name in missing]
        for place, row in enumerate(self.rows):
            self._column.insertWidget(place, row, 10)
        themed(self, self.theme)

    def _made(self, channel: Channel, *, several: bool) -> SensorCard:
        """Make the card of one channel."""
        device, number = channel.device, channel.number
        card = SensorCard(
            channel,
            self.state,
            several=several,
            on_place=lambda: self._place(device),
            on_pick=lambda: self._picked(device, number),
        )
        card.identify.clicked.connect(lambda _checked=False: self.board.tell("identify", device))
        card.search.clicked.connect(self._search)
        return card

    def _search(self) -> None:
        self.board.tell("search")

    def _picked(self, device: str, number: int) -> None:
        again = self.picked == (device, number)
        self.pick(device, number)
        if again:
            self.picked = None
        self.refresh()

    def _arrange(self) -> None:
        body = QHBoxLayout()
        rows = QWidget()
        rows.setObjectName("rows")
        rows.setLayout(self._column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(rows)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.head.problem)
        right.addWidget(self.strip)
        right.addWidget(self.nothing, 1)
        right.addWidget(self._scroll, 20)
        body.setSpacing(14)
        body.addWidget(self.back, 6)
        body.addLayout(right, 11)
        page = QVBoxLayout(self)
        page.setContentsMargins(26, 16, 26, 16)
        page.setSpacing(14)
        page.addWidget(self.head)
        page.addLayout(body, 1)


def _structure(view: View) -> object:
    """Return what the cards depend on."""
    if view.stage == SCANNING:
        return view.stage, tuple(heard.name for heard in view.heard)
    return view.stage, view.channels, view.wanted
