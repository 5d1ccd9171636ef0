"""The phone view in a real Chromium: what is shown follows the session, and comes back by itself."""

import time
from contextlib import ExitStack, contextmanager

import pytest
from live.scenes import frame, opened, scenes, streaming

from emgmon.cli.printing import browser
from emgmon.live.phone import Phone
from emgmon.live.phone_server import PhoneServer
from emgmon.live.phone_view import files, picture
from emgmon.live.state import TrainState
from emgmon.model import CueWord, Phase

from .chromium import chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser() is None, reason="no Chromium, Chrome or Edge is installed"),
]
TOKEN = "abcdefghij234567"  # noqa: S105 - of a server that lives for one test
LAST_SEEN = "document.getElementById('hold-number').textContent === '3.0'"
WIDTHS = {"phone": (390, 844), "lying": (844, 390), "small": (320, 568), "tv": (1920, 1080)}


@pytest.fixture(scope="module")
def program():
    with ExitStack() as stack, chromium(stack) as program:
        yield program


@pytest.fixture
def tab(program):
    return program.tab()


@contextmanager
def serving(port=0):
    server = PhoneServer(["127.0.0.1"], port, TOKEN, files("emgmon demo (simulated)"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def address(server, token=TOKEN):
    return f"http://127.0.0.1:{server.port}/{token}/"


def state_of(events):
    state = TrainState()
    for event in events:
        state.apply(event)
    return state


def until(done):
    end_s = time.monotonic() + 30.0
    while not done():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def running(hold_s, share=0.58):
    shares = {"G": share, "H": 0.7 - share, "E": 0.3}
    return frame(t_s=250.0 + hold_s, hold_s=hold_s, share=shares, phase=Phase.HOLD, cue=CueWord.HOLD)


def test_values_move_as_the_session_does(tab):
    state = state_of([*streaming(), opened()])
    with serving() as server:
        tab.open(address(server))
        told = []
        for step in range(5):
            state.apply(running(0.5 + 0.4 * step, 0.40 + 0.05 * step))
            server.show(picture(state))
            tab.wait(f"document.getElementById('hold-number').textContent === '{0.5 + 0.4 * step:.1f}'")
            dashes = tab.look("document.getElementById('part-G').getAttribute('stroke-dasharray')")
            told.append((tab.text("ring-number"), float(dashes.split()[0])))
        assert [number for number, _ in told] == ["40%", "45%", "50%", "55%", "60%"]
        assert [length for _, length in told] == pytest.approx([39.5, 44.5, 49.5, 54.5, 59.5])
        assert (tab.text("word"), tab.text("reps-number"), tab.text("exercise")) == ("HOLD", "7", "Glute bridge")
        assert tab.look("document.querySelector('#phases .now').textContent") == "HOLD"
    assert tab.errors == []


def test_it_says_that_the_connection_is_gone_and_comes_back_by_itself(tab):
    with serving() as server:
        server.show(picture(state_of(scenes()["on-target"])))
        tab.open(address(server))
        tab.wait("document.getElementById('word').textContent === 'HOLD'")
        assert tab.look("document.getElementById('lost').hidden")
        port = server.port
    tab.wait("!document.getElementById('lost').hidden")
    with serving(port) as again:
        again.show(picture(state_of(scenes()["hamstrings-lead"])))
        tab.wait("document.getElementById('word').textContent === 'MORE GLUTE'")
        tab.wait("document.getElementById('lost').hidden")


def test_a_wrong_token_shows_nothing(tab):
    with serving() as server:
        server.show(picture(state_of(scenes()["on-target"])))
        tab.open(address(server, TOKEN[::-1]))
        assert tab.look("document.getElementById('word')") is None
        assert server.viewers == 0


def test_another_page_cannot_read_it(program):
    """DNS rebinding: a page of somebody else whose name leads here; and one that only asks across origins."""
    with serving() as server:
        tab = program.tab()
        tab.open(address(server).replace("127.0.0.1", "rebound.localhost"))
        assert tab.look("document.getElementById('word')") is None
        stranger = program.tab()
        stranger.open("data:text/html,<p>stranger")
        asked = f"fetch('{address(server)}').then(() => 'read', () => 'refused')"
        assert stranger.look(asked) == "refused"


def test_posting_is_refused(tab):
    with serving() as server:
        tab.open(address(server))
        assert tab.look("fetch('events', {method: 'POST', body: 'x'}).then((a) => a.status)") == 405


def test_four_viewers_see_the_same_while_one_of_them_stands_still(program):
    tabs = [program.tab() for _ in range(4)]
    with serving() as server:
        for tab in tabs:
            tab.open(address(server))
        until(lambda: server.viewers == 4)
        tabs[0].ask("Page.setWebLifecycleState", state="frozen")
        state = state_of([*streaming(), opened()])
        for step in range(60):
            state.apply(running(0.05 * (step + 1)))
            server.show(picture(state))
            time.sleep(0.01)
        for tab in tabs[1:]:
            tab.wait(LAST_SEEN)
        tabs[0].ask("Page.setWebLifecycleState", state="active")
        tabs[0].wait(LAST_SEEN)
        assert [tab.errors for tab in tabs] == [[]] * 4


def test_markup_in_a_title_stays_text(tab):
    with serving() as server:
        server.show(
            picture(state_of([*streaming(), opened(exercise_title="<img src=x onerror=document.title='bad'>")]))
        )
        tab.open(address(server))
        tab.wait("document.getElementById('exercise').textContent.startsWith('<img')")
        assert tab.look("document.images.length") == 0
        assert tab.look("document.title") == "emgmon demo (simulated)"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("wide", WIDTHS)
def test_nothing_runs_over_the_edge_and_the_word_is_large(tab, wide, theme):
    width, height = WIDTHS[wide]
    with serving() as server:
        tab.open(address(server), width, height, theme)
        for name, events in scenes().items():
            state = state_of(events)
            server.show(picture(state))
            cue = picture(state).partition('"cue":{"text":"')[2].partition('"')[0]
            tab.wait(f"document.getElementById('word').textContent === {cue!r}", name)
            over = tab.look(
                "[...document.querySelectorAll('header > *, #cue, #word, #reps, .big, #hold, #caption, footer')]"
                ".filter((part) => { const box = part.getBoundingClientRect();"
                f"return box.width && (box.right > {width} + 1 || box.left < -1 || box.bottom > {height} + 1); }})"
                ".map((part) => part.id || part.className || part.tagName)"
            )
            assert over == [], (name, over)
            inside = "(() => { const a = document.getElementById('word').getBoundingClientRect(),"
            inside += " b = document.getElementById('cue').getBoundingClientRect(); return b.right - a.right; })()"
            assert tab.look(inside) >= -1, name
        assert tab.look("document.documentElement.dataset.theme") == theme
    assert tab.errors == []


def test_the_session_and_the_phone_are_connected_by_the_card(tab):
    phone, state = Phone("emgmon"), state_of(scenes()["on-target"])
    phone.start()
    try:
        tab.open(phone.address)
        end_s = time.monotonic() + 30.0
        while tab.text("word") != "HOLD":
            assert time.monotonic() < end_s
            phone.show(state)
            time.sleep(0.05)
    finally:
        phone.stop()
