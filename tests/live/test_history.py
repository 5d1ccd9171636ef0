"""The History page: reading off the window's thread, choosing, two days side by side."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox

from emgmon.live.history import HistoryScreen
from emgmon.live.review_window import open_history
from emgmon.live.theme import DARK, LIGHT
from emgmon.live.window import Window
from emgmon.storage.sessions import open_store
from emgmon.storage.sessions.writing import Origin, put_session
from tests.live.screenshots_history import SCENES, screen_of

pytestmark = pytest.mark.qt


@pytest.fixture
def page(qtbot):
    """The page with nineteen days."""
    made = screen_of("history", DARK)
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    return made


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_has_a_title_and_can_be_painted(qtbot, name):
    made = screen_of(name, LIGHT)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    assert not made.grab().isNull()
    assert made._title.text()
    assert made._big.isVisibleTo(made) == bool(SCENES[name])
    made.set_theme(DARK)
    assert not made.grab().isNull()


def test_the_title_is_the_finding(page):
    assert page._title.text().startswith("Hamstrings and back to glutes down to ×0.")
    assert "clear" in page._lead.text()


def test_two_clicked_dots_stand_side_by_side(page, qtbot):
    for place in (16, 1):
        at = page.plot.at(page.plot.comparison.days[place])
        qtbot.mouseClick(page.plot, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert page.plot.chosen == (16, 1)
    assert page._beside.isVisibleTo(page)
    assert not page._small.isVisibleTo(page)
    assert page._beside._title.text() == "4 Sep beside 18 Oct"
    assert page._beside._cells[1][0].text() == "Hamstrings and back to glutes, hold"
    qtbot.keyClick(page.plot, Qt.Key.Key_Escape)
    assert page._small.isVisibleTo(page)


def test_the_keyboard_does_the_same(page, qtbot):
    qtbot.keyClick(page.plot, Qt.Key.Key_Right)
    assert page.plot.here == len(page.plot.comparison.days) - 1
    qtbot.keyClick(page.plot, Qt.Key.Key_Space)
    assert "Choose a second day" in page._hint.text()
    for _ in range(30):
        qtbot.keyClick(page.plot, Qt.Key.Key_Left)
    assert page.plot.here == 0
    assert page.plot.accessibleDescription().startswith("1 Sep: ×")
    qtbot.keyClick(page.plot, Qt.Key.Key_Return)
    assert page._beside.isVisibleTo(page)


def test_a_click_beside_every_dot_chooses_nothing(page, qtbot):
    qtbot.mouseClick(page.plot, Qt.MouseButton.LeftButton, pos=page.plot.rect().bottomRight())
    assert page.plot.chosen == ()


def test_a_day_that_does_not_count_says_why(page):
    red = next(n for n, day in enumerate(page.plot.comparison.days) if day.why)
    assert "electrodes elsewhere" in page.plot.told(red)


def test_every_control_has_a_name(page):
    assert all(combo.accessibleName() for combo in page.findChildren(QComboBox))
    assert page.plot.accessibleName()


# --- with a store -----------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path, summary):
    """Two people; the first did the set on two days."""
    where = tmp_path / "sessions.db"
    with open_store(where) as opened:
        for number, (day, person) in enumerate(((1, "Ada"), (8, "Ada"), (9, "Bea"))):
            session = replace(summary, started_utc=f"2026-01-{day:02d}T10:00:00+00:00")
            put_session(opened, Origin(f"{number:064x}", f"{number}.mcap", ()), session, person=person)
    return where


def read(screen, qtbot):
    screen.refresh()
    qtbot.waitUntil(lambda: not screen._reading, timeout=20_000)


def test_the_store_is_read_and_the_person_can_be_changed(qtbot, store):
    screen = HistoryScreen(DARK, store=str(store))
    qtbot.addWidget(screen)
    screen.show()
    read(screen, qtbot)
    assert len(screen.plot.comparison.days) == 2
    assert screen._lead.text().startswith("Simulated")
    person = screen._combos[0]
    assert screen._combos[1].count() == 1
    person.setCurrentIndex(person.findData("Bea"))
    person.activated.emit(person.currentIndex())
    qtbot.waitUntil(lambda: not screen._reading, timeout=20_000)
    assert len(screen.plot.comparison.days) == 1
    number = screen._combos[2]
    number.setCurrentIndex(next(n for n in range(number.count()) if "Glute share" in number.itemText(n)))
    number.activated.emit(number.currentIndex())
    qtbot.waitUntil(lambda: not screen._reading, timeout=20_000)
    assert screen.plot.comparison.asked.metric == "share_glute"


def test_an_unchanged_store_is_not_read_again(qtbot, store, monkeypatch):
    screen = HistoryScreen(DARK, store=str(store))
    qtbot.addWidget(screen)
    screen.show()
    read(screen, qtbot)
    monkeypatch.setattr("emgmon.live.history.read_known", lambda *_: pytest.fail("read again"))
    screen.refresh()
    assert not screen._reading


def test_without_a_store_none_is_made(qtbot, tmp_path):
    where = tmp_path / "none.db"
    screen = HistoryScreen(DARK, store=str(where))
    qtbot.addWidget(screen)
    read(screen, qtbot)
    assert screen._title.text() == "No history yet"
    assert not where.exists()


def test_a_file_that_is_no_store_is_said(qtbot, tmp_path):
    where = tmp_path / "other.db"
    where.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    screen = HistoryScreen(DARK, store=str(where))
    qtbot.addWidget(screen)
    screen.show()
    read(screen, qtbot)
    assert screen._title.text() == "The sessions cannot be read"
    assert "other.db" in screen._lead.text()


def test_hiding_while_reading_leaves_nothing_behind(qtbot, store):
    screen = HistoryScreen(DARK, store=str(store))
    qtbot.addWidget(screen)
    screen.show()
    screen.refresh()
    screen.hide()
    assert not screen._timer.isActive()
    screen.show()
    read(screen, qtbot)
    assert screen.plot.comparison is not None


def test_weeks_open_on_their_page_and_of_the_person_who_is_meant(qapp, tmp_path, summary):
    where = str(tmp_path / "s.db")
    with open_store(where) as opened:
        for day, person in enumerate(("Ada", "demo", "demo"), start=1):
            started = f"2026-02-0{day}T08:00:00+00:00"
            put_session(opened, Origin(f"{day:064x}", ""), replace(summary, started_utc=started), person=person)
    seen = []

    def look():
        for window in qapp.topLevelWidgets():
            if isinstance(window, Window) and window.isVisible() and window.history.shown.known is not None:
                seen.append((window.windowTitle(), window.screens.currentWidget() is window.history))
                seen.append((window.history.shown.known.person, window.programme.found.person))
                window.close()
                return
        QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    open_history(where, "demo", theme="dark", title="weeks")
    assert seen == [("weeks", True), ("demo", "demo")]
