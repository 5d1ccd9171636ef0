"""What the phone is told: the training page, and nothing that a person may have put a name into."""

import json
import re
from importlib import resources

import pytest
from live.scenes import SITES, opened, scenes, streaming

from emgmon.live import readout
from emgmon.live.phone_view import files, page, picture
from emgmon.live.state import TrainState
from emgmon.live.strings import ENGLISH
from emgmon.live.theme import DARK, LIGHT
from emgmon.model import DeviceChanged, Notice, SignalSeen

ROOM = resources.files("emgmon.live")
HTML, CSS, JS = (ROOM.joinpath(f"phone.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))


def state_of(events):
    state = TrainState()
    for event in events:
        state.apply(event)
    return state


@pytest.mark.parametrize("name", scenes())
def test_the_phone_is_told_what_the_training_page_shows(name):
    state = state_of(scenes()[name])
    seen = json.loads(picture(state))
    assert seen["cue"]["text"] == readout.cue(state).text
    assert seen["ring"]["number"] == readout.ring(state).number
    assert seen["ring"]["share"] == pytest.approx(list(readout.ring(state).share), abs=1e-4)
    assert seen["reps"]["number"] == readout.reps(state).number
    assert [c["kind"] for c in seen["reps"]["columns"]] == [c.kind for c in readout.reps(state).columns]
    assert seen["hold"]["number"] == readout.hold(state).number
    assert seen["lights"] == [[label, str(light)] for label, light in readout.top_bar(state).lights]
    assert seen["leader"] == readout.leader(state)


def test_a_sensor_that_is_lost_is_said_by_its_place():
    seen = json.loads(picture(state_of(scenes()["sensor-lost"])))
    assert seen["pill"] == "GR reconnecting"


def test_names_of_sensors_and_sentences_stay_on_the_computer():
    name = "Anna Smith"
    state = state_of(
        [
            *streaming(),
            DeviceChanged(2.0, name, "lost", (), 50),
            DeviceChanged(2.0, f"{name} 2", "streaming", (SITES["GL"],), 50),
            Notice(3.0, f"{name} lost"),
        ]
    )
    assert state.headline == f"{name} lost".upper()
    assert not re.search("anna|smith", picture(state), re.IGNORECASE)
    state = state_of([*streaming(), opened(), DeviceChanged(91.0, name, "lost", (), 50), Notice(92.0, f"{name}.")])
    assert not re.search("anna|smith", picture(state), re.IGNORECASE)


def test_what_is_not_seen_changes_nothing():
    events = scenes()["on-target"]
    state = state_of(events)
    before = picture(state)
    for event in scenes()["hamstrings-lead"]:
        if isinstance(event, SignalSeen):
            state.apply(event)
    assert picture(state) == before


def test_the_page_fetches_only_what_lies_beside_it():
    served = files("emgmon")
    fetched = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', HTML) + re.findall(r'url\("([^#"]+)"\)', CSS)
    assert sorted(fetched) == ["inter.woff2", "phone.css", "phone.js"]
    assert set(fetched) < set(served)
    assert 'EventSource("events")' in JS
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", HTML + CSS + JS)


def test_the_page_runs_and_styles_nothing_inline():
    assert not re.search(r"<style|style=|<script(?! src)|\son\w+=", HTML)
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", JS)


def test_the_page_has_every_part_that_its_script_asks_for():
    asked = set(re.findall(r'(?:at|put|turn|lay)\("([\w-]+)"', JS))
    assert asked
    assert asked <= set(re.findall(r'id="([\w-]+)"', HTML))


def test_the_words_of_the_page_are_from_the_table():
    own = re.sub(r"<[^>]*>|{{[^}]*}}|{%[^%]*%}", " ", HTML)
    assert own.split() == []
    assert ENGLISH["phone.full"] in page("a title")
    assert ENGLISH["phone.lost"] in page("a title")


def test_a_title_is_text():
    assert "<b>" not in page("<b>bold").replace('<b id="exercise">', "")


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_colours_are_those_of_the_window(theme):
    block = CSS.split("}")[1 if theme is DARK else 2]
    said = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    assert said == {name.replace("_", "-"): getattr(theme, name.replace("-", "_")) for name in said}
    assert len(said) == 13
