"""Everything that is seen of a recording under review: heading, traces, ring, onsets, seek bar; it decides nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from emgmon.live.near import button, label, style
from emgmon.live.review_controls import Asked, ReviewControls
from emgmon.live.review_overlay import Overlay
from emgmon.live.review_pair import place_on_axis
from emgmon.live.review_panels import PairCard, RingCard, StartsCard
from emgmon.live.review_picture import picture, raw_picture
from emgmon.live.review_set import order_lines, starts
from emgmon.live.review_traces import Traces
from emgmon.live.reviewing import Review
from emgmon.live.strings import words
from emgmon.live.strokes import width
from emgmon.live.theme import Theme, font

HIGH, LEAST_WIDE = 1000.0, 1500.0
"""Units of the page: it is as high as this, and at least as wide as that."""
MARGIN, GAP, RIGHT_WIDE, STARTS_HIGH, BAR_HIGH = 40.0, 24.0, 496.0, 332.0, 176.0
TITLE, SUBTITLE, DOUBTS, HEAD, HEAD_WITH_DOUBTS = 14.0, 70.0, 108.0, 120.0, 150.0
SET_WIDE = 110.0
MOST_SETS = 8


class Acts(Asked, Protocol):
    """What the sheet asks of the page."""

    def show_set(self, number: int) -> None:
        """Show another set by its place."""

    def cancel(self) -> None:
        """Stop reading."""


class ReviewSheet(QWidget):
    """The parts of the page and their places.

    Parameters
    ----------
    acts : Acts
    theme : Theme
    """

    def __init__(self, acts: Acts, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._unit, self._acts, self._rep, self._sets_shown = 1.0, acts, 0, 0
        self._doubtful = self._alone = False
        self.title, self.subtitle = label("", 44, 700), label("", 24, 450, name="second")
        self.doubts, self.cancel = label("", 20, 500, name="warn"), button(words("review.cancel"))
        self.cancel.clicked.connect(acts.cancel)
        self.keys, self.progress = label("", 18, 500, name="second"), QProgressBar()
        self.progress.setTextVisible(False)
        self.keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.none, self.how = label("", 44, 700), label("", 24, 450, name="second", wraps=True)
        self.traces, self.overlay = Traces(acts.go, theme), Overlay(theme)
        self.ring, self.starts, self.pair = RingCard(theme), StartsCard(theme), PairCard(theme)
        self.controls = ReviewControls(acts, theme)
        self.sets: list[QPushButton] = []
        self._cards = (self.traces, self.overlay, self.ring, self.starts, self.pair, self.controls)
        for part in (*self._cards, self.title, self.subtitle, self.doubts, self.cancel, self.none, self.how):
            part.setParent(self)
        self.keys.setParent(self)
        self.progress.setParent(self)
        for text in (self.none, self.how):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        style(theme, self)
        edge = f"1px solid {theme.line}" if theme.name == "light" else "0"
        extra = (
            f"QPushButton#key {{ background: {theme.panel}; color: {theme.second}; padding: 0; border-width: 2px; }}"
            f"QPushButton#key:checked {{ background: {theme.raised}; color: {theme.text};"
            f" border-color: {theme.text}; }}"
            f"QFrame#card {{ border-radius: 14px; border: {edge}; }}"
            f"QProgressBar {{ background: {theme.track}; border: 0; border-radius: 3px; }}"
            f"QProgressBar::chunk {{ background: {theme.second}; border-radius: 3px; }}"
        )
        self.setStyleSheet(self.styleSheet() + extra)
        for card in (self.ring, self.starts, self.pair, self.overlay):
            card.theme = theme
            card.update()
        self.traces.set_theme(theme)
        self.controls.set_theme(theme)

    def show_heading(self, review: Review, trouble: str) -> None:
        """Write what is shown and what is to be known about the file, or that there is nothing."""
        empty = review.shown is None
        title, subtitle, doubts = review.heading()
        self.title.setText("" if empty else title)
        self.subtitle.setText("" if empty else subtitle)
        self.none.setText(title or words("review.none"))
        self.how.setText((subtitle if title else words("review.none.how")) if empty else "")
        self.none.setVisible(empty)
        self.how.setVisible(empty)
        reads = review.reading is not None and review.reading.running
        self.doubts.setText(trouble or doubts)
        self.doubts.setObjectName("warn" if trouble or not reads else "second")
        self.doubts.style().polish(self.doubts)
        self.cancel.setVisible(reads)
        self.progress.setVisible(reads)
        if review.reading is not None:
            self.progress.setValue(round(100 * review.reading.share))
        self.keys.setText(words("review.keys.sets") * (len(review.spans) > 1) + words("review.keys"))
        self.keys.setVisible(not empty)
        if len(review.spans) != self._sets_shown:
            self._make_sets(len(review.spans))
        for number, made in enumerate(self.sets):
            made.setChecked(number == review.number)
        self._fit_head()
        if bool(self.doubts.text()) is not self._doubtful:
            self._doubtful = bool(self.doubts.text())
            self._fit_cards()

    def show_passage(self, review: Review) -> None:
        """Take another set's traces, or none."""
        shown, reading = review.shown, review.reading
        self.controls.bar.passage = shown
        self._rep = 0
        if shown is None or reading is None:
            self.traces.show_picture(None)
        elif review.course.tape.n_frames or not reading.raw[1]:
            self.traces.show_picture(picture(review.course, shown))
        else:
            self.traces.show_picture(raw_picture(*reading.raw, shown))
        for card in self._cards:
            card.setVisible(shown is not None)
        self._alone = shown is not None and shown.summary is None
        self._fit_cards()

    def show_cursor(self, review: Review, *, heard: bool, jumped: bool) -> None:
        """Put everything where the cursor is; after a jump also what changes only from rep to rep."""
        shown, playing, block = review.shown, review.playing, review.block
        if shown is None:
            return
        index = block.index if block is not None else 0
        self.traces.move_to(playing.at_s, jumped=jumped)
        self.ring.state, self.ring.at_s, self.ring.rep = playing.state, playing.at_s, index
        self.ring.has_reps = bool(shown.blocks)
        self.ring.update()
        bar = self.controls.bar
        bar.at_s, bar.looped, bar.other = playing.at_s, index if review.loops else 0, review.other
        bar.update()
        self.controls.play.setChecked(playing.runs)
        self.controls.loop.setChecked(review.loops)
        self.controls.both.setChecked(bool(review.other))
        self.controls.sound.setChecked(heard)
        if jumped or index != self._rep:
            self._rep = index
            self._show_rep(review, index)
        rep, other = shown.rep(index), shown.rep(review.other)
        self.overlay.at = place_on_axis(rep, other, playing.at_s) if rep is not None and other is not None else math.nan
        if self.overlay.isVisible():
            self.overlay.update()

    def _show_rep(self, review: Review, index: int) -> None:
        """Show what belongs to one rep: its onsets, or how it differs from another."""
        summary = review.shown.summary if review.shown is not None else None
        rep = review.shown.rep(index) if review.shown is not None else None
        self.starts.starts = starts(rep, summary.reps) if rep is not None and summary is not None else ()
        self.starts.lines = order_lines(summary) if summary is not None else ()
        self.overlay.pair = self.pair.pair = review.pair()
        comparing = bool(review.other)
        for card, seen in (
            (self.overlay, comparing),
            (self.pair, comparing),
            (self.traces, not comparing),
            (self.starts, not comparing and summary is not None),
        ):
            card.setVisible(seen)
            card.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange everything anew."""
        super().resizeEvent(event)
        self._unit = min(self.height() / HIGH, self.width() / LEAST_WIDE)
        unit = self._unit
        wide, high = self.width() / unit, self.height() / unit
        for part, size, weight in (
            (self.title, 44, 720),
            (self.subtitle, 24, 450),
            (self.doubts, 20, 550),
            (self.none, 44, 700),
            (self.how, 24, 450),
            (self.cancel, 20, 600),
            (self.keys, 18, 500),
        ):
            part.setFont(font(size * unit, weight))
        self._place(self.none, MARGIN, 0.36 * high, wide - 2 * MARGIN, 70)
        self._place(self.how, MARGIN, 0.36 * high + 76, wide - 2 * MARGIN, 70)
        self._fit_cards()
        self._fit_head()

    def _fit_cards(self) -> None:
        """Arrange the cards below the heading, which has a line more where something is to be known about the file."""
        unit = self._unit
        wide, high = self.width() / unit, self.height() / unit
        head = HEAD_WITH_DOUBTS if self.doubts.text() else HEAD
        bar_top = high - MARGIN / 2 - BAR_HIGH
        cards_high = bar_top - GAP - head
        left_wide = wide - 2 * MARGIN - GAP - RIGHT_WIDE
        right = MARGIN + left_wide + GAP
        for card in (self.traces, self.overlay, self.ring, self.starts, self.pair):
            card.unit = unit
        for traces in (self.traces, self.overlay):
            self._place(traces, MARGIN, head, left_wide, cards_high)
        below = 0.0 if self._alone else STARTS_HIGH + GAP
        self._place(self.ring, right, head, RIGHT_WIDE, cards_high - below)
        for card in (self.starts, self.pair):
            self._place(card, right, head + cards_high - STARTS_HIGH, RIGHT_WIDE, STARTS_HIGH)
        self._place(self.controls, MARGIN, bar_top, wide - 2 * MARGIN, BAR_HIGH)
        self.controls.fit(unit)

    def _fit_head(self) -> None:
        """Arrange the heading, with the buttons of the sets on its right."""
        wide, centred = self.width() / self._unit, not self.none.isHidden()
        sets = min(SET_WIDE * len(self.sets), wide / 2)
        keys = 1.05 * width(self.keys.text(), 18, 500) + 8  # small letters are set on whole pixels, so wider
        told = width(self.subtitle.text(), 24, 450)
        self._place(self.title, MARGIN, TITLE, wide - 2 * MARGIN - sets - GAP, 58)
        self._place(self.subtitle, MARGIN, SUBTITLE, wide - 2 * MARGIN, 36)
        beside, above = told + GAP + keys < wide - 2 * MARGIN, not self.sets
        self._place(self.keys, wide - MARGIN - keys, SUBTITLE if beside else TITLE + 10 if above else -60, keys, 36)
        top = 0.36 * self.height() / self._unit + 160 if centred else DOUBTS
        doubts_wide = min(wide - 2 * MARGIN, width(self.doubts.text(), 20, 550) + 24)
        left = (wide - doubts_wide) / 2 if centred else MARGIN
        middle, begin = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.doubts.setAlignment(middle if centred else begin)
        self._place(self.doubts, left, top, doubts_wide, 34)
        after = MARGIN + doubts_wide + GAP
        self._place(self.progress, wide / 2 - 200 if centred else after, top + (46 if centred else 13), 400, 8)
        self._place(self.cancel, wide / 2 - 65 if centred else after + 424, top + (76 if centred else -4), 130, 42)
        for number, made in enumerate(self.sets):
            step = sets / len(self.sets)
            self._place(made, wide - MARGIN - sets + number * step, TITLE + 8, step - 8, 46)
            made.setFont(font(20 * self._unit, 600))

    def _place(self, part: QWidget, x: float, y: float, wide: float, high: float) -> None:
        unit = self._unit
        part.setGeometry(QRect(round(x * unit), round(y * unit), round(wide * unit), round(high * unit)))

    def _make_sets(self, count: int) -> None:
        """Make a button for each set, where there is more than one."""
        for made in self.sets:
            made.deleteLater()
        self.sets, self._sets_shown = [], count
        few = count <= MOST_SETS
        for number in range(count if count > 1 else 0):
            text = words("review.set", index=number + 1)
            made = button(text if few else str(number + 1))
            made.setParent(self)
            made.setCheckable(True)
            made.setObjectName("key")
            made.setAccessibleName(text)
            made.setToolTip(words("review.sets"))
            made.clicked.connect(_call(self._acts.show_set, number))
            made.show()
            self.sets.append(made)


def _call(show: Callable[[int], None], number: int) -> Callable[[], None]:
    return lambda: show(number)
