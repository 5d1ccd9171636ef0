"""Everything that reads what strangers wrote, as functions of bytes: they give something or raise `EmgmonError`."""

import contextlib
import io
import json
import sqlite3
import tomllib
from functools import cache
from pathlib import Path

from devices.conversations import CONVERSATIONS
from devices.conversing import converse, packets_of, started
from storage.foreign import conftest as make
from trust.containers import chunk, closed
from trust.hostile import Draws, altered, toml
from trust.liar import LIAR_TARGETS
from trust.session import SESSION_TARGETS
from trust.target import Target, random_seeds

from emgmon.devices import Advertisement, driver_for, driver_named, facts
from emgmon.devices.base import Read
from emgmon.errors import EmgmonError
from emgmon.exercise import catalogue, programme_table, reference_tasks
from emgmon.model import Packet
from emgmon.runner.placing import parse_option, read_places
from emgmon.runner.script import read_script
from emgmon.storage import container
from emgmon.storage.container import header
from emgmon.storage.foreign import Options, read_foreign
from emgmon.storage.foreign.guess import proposal
from emgmon.storage.foreign.matching import names_of
from emgmon.storage.importing import import_foreign, read_map
from emgmon.storage.inspection import inspect, verify
from emgmon.storage.recording import from_text, read_recording
from emgmon.storage.sessions import listed, open_store, past_sets, saying

ROOT = Path(__file__).parents[2]
FORMAT_1 = ROOT / "tests/storage/formats/format-1.mcap"


def _recording(content, folder):
    path = folder / "x.mcap"
    path.write_bytes(content)
    _read(path)


def _read(path):
    recording = read_recording(path)
    first_ns, last_ns = recording.span_ns()
    middle_ns = (first_ns + last_ns) // 2
    for _entry in recording.entries(middle_ns, middle_ns + 1_000_000_000):
        pass
    inspect(recording)
    verify(recording)


def _chunk(content, folder):
    """What is in a chunk, under a checksum that is right: damage of a disk cannot make it, whoever means it can."""
    path = folder / "x.mcap"
    path.write_bytes(header() + chunk(content))
    _read(path)


def _index(content, folder):
    """An index whose checksum is right."""
    path = folder / "x.mcap"
    path.write_bytes(closed(FORMAT_1.read_bytes(), content))
    _read(path)


def _contents():
    with FORMAT_1.open("rb") as stream:
        return [each.content for each in container.walk(stream, [])][:4]


def _indices():
    with FORMAT_1.open("rb") as stream:
        return [container.summary(stream, FORMAT_1.stat().st_size)]


def _text_form(content, _folder):
    for _entry in from_text(content.decode("utf-8", "replace")):
        pass


def _foreign(name):
    def run(content, folder):
        path = folder / name
        path.write_bytes(content)
        foreign = read_foreign(path, Options(rate_hz=100.0))
        with contextlib.suppress(EmgmonError):
            read_map(proposal(foreign, name), "the proposal")
        unknown = {"channels": {each: {"muscle": "unknown"} for each in names_of(foreign)}}
        entries, _told = import_foreign(path, foreign, read_map(toml(unknown), "a map"))
        for number, _entry in enumerate(entries):
            if number > 200:
                break

    return run


def _map(content, _folder):
    read_map(content.decode("utf-8", "replace"), "map.toml")


def _text(read):
    return lambda content, _folder: read(content.decode("utf-8", "replace"), "x.toml")


def _altered_text(read, seeds):
    """Take tables out of valid texts, change some values, and read what it gives."""

    @cache
    def tables():
        return [tomllib.loads(text.decode()) for text in seeds()]

    def run(content, _folder):
        draws = Draws(content)
        table = draws.one_of(tables())
        for _ in range(1 + draws.below(3)):
            table = altered(table, draws)
        read(toml(table if isinstance(table, dict) else {"x": table}), "x.toml")

    return run


def _file(read, name):
    def run(content, folder):
        path = folder / name
        path.write_bytes(content)
        read(path)

    return run


def _option(content, _folder):
    parse_option(content.decode("utf-8", "replace"))


def _packets(talk):
    """Bytes as packets: port, length of two bytes, payload; the last one takes the rest."""
    steps, said = converse(talk)
    real = [packet for group in packets_of(talk, range(12)) for packet in group]
    ports = sorted({p.port for p in said + real} | {s.port for s in steps if hasattr(s, "port")} | {"adv", "other"})
    framed = [bytes([ports.index(p.port)]) + len(p.payload).to_bytes(2, "little") + p.payload for p in said + real]

    def run(content, _folder):
        draws = Draws(content)
        decoder = started(talk) if draws.below(4) else driver_named(talk.driver).decoder("S")
        k = 0
        while draws:
            port = ports[draws.piece(1)[0] % len(ports)]
            payload = draws.piece(min(int.from_bytes(draws.piece(2), "little"), 600))
            k += 1
            with contextlib.suppress(EmgmonError):
                for block in decoder.decode(Packet("S", port, k * 20_000_000, payload)):
                    assert block.samples.shape[1] == block.stream.width
        decoder.restart()

    return Target(f"driver-{talk.driver}", lambda: [b"\1\0" + b"".join(framed), b"\0\0" + b"".join(framed[-6:])], run)


def _handshake(content, _folder):
    draws = Draws(content)
    talk = draws.one_of(list(CONVERSATIONS.values()))

    def says(step):
        said = list(talk.says(step)) or ([(step.port, b"")] if isinstance(step, Read) else [])
        return [(port, payload if draws.below(3) else draws.piece(draws.below(40))) for port, payload in said]

    converse(talk, says=says)


def _advertisement(content, _folder):
    draws = Draws(content)
    name = draws.piece(draws.below(30)).decode("utf-8", "replace")
    for talk in [*CONVERSATIONS.values(), None]:
        real = talk.advertisement if talk and draws.below(2) else Advertisement(name)
        data = {key: draws.piece(draws.below(40)) for key in real.manufacturer_data}
        services = {key: draws.piece(draws.below(40)) for key in real.service_data}
        found = driver_for(Advertisement(real.name or name, real.service_uuids, services, data))
        assert found is None or found.title


@cache
def _store_bytes():
    """A store of every version."""
    out = []
    for path in sorted((ROOT / "tests/storage/sessions/versions").glob("*.sql")):
        connection = sqlite3.connect(":memory:")
        connection.executescript(path.read_text("utf-8"))
        out.append(connection.serialize())
        connection.close()
    return out


def _store(content, folder):
    path = folder / "x.db"
    path.write_bytes(content)
    with open_store(path) as store:
        listed(store)
        past_sets(store, "P1")
        saying.facts_json(store)


def _store_rows(content, folder):
    """Rows of a sound store that hold what nobody wrote there."""
    draws, path = Draws(content), folder / "x.db"
    path.write_bytes(draws.one_of(_store_bytes()))
    raw = sqlite3.connect(path)
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for _ in range(1 + draws.below(3)):
        table = draws.one_of(tables)
        column = draws.one_of(raw.execute(f"PRAGMA table_info({table})").fetchall())[1]
        value = draws.one_of((None, -1, 0, 2**62, 1e308, float("inf"), "", "x", "../../x", b"\xff\0", "[]", "[1", "{}"))
        with contextlib.suppress(sqlite3.Error):
            raw.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608 - names of the store itself
    raw.commit()
    raw.close()
    with open_store(path) as store:
        listed(store)
        past_sets(store, "P1")
        saying.facts_json(store)


FACTS = {
    "schema": saying.FACTS_SCHEMA,
    "sessions": [{"sha256": "0" * 64, "person": "P1", "note": "n", "tension": 3.0, "tags": ["a"]}],
    "choices": [{"person": "P1", "utc": "2026-01-01T00:00:00+00:00", "key": "k", "value": "v"}],
}


def _facts(content, folder):
    draws = Draws(content)
    text = json.dumps(altered(altered(FACTS, draws), draws)) if draws.below(4) else content.decode("utf-8", "replace")
    with open_store(folder / "x.db") as store, contextlib.redirect_stdout(io.StringIO()):
        saying.restore_facts(store, text, "facts.json")


def _of_file(*paths):
    return lambda: [(ROOT / path).read_bytes() for path in paths]


def _maps():
    return [path.read_bytes() for path in sorted((ROOT / "tests/maps").glob("*.toml"))]


CATALOGUE = _of_file("emgmon/exercise/catalogue.toml")
PROGRAMME = _of_file("emgmon/exercise/programme.toml")
TASKS = _of_file("emgmon/exercise/reference_tasks.toml")
FACTS_TABLE = _of_file("emgmon/devices/facts.toml")


def _programme(text, where):
    return programme_table.parse_programme(text, where, catalogue.packaged())


READS = {
    "catalogue": (catalogue.with_own, CATALOGUE),
    "programme": (_programme, PROGRAMME),
    "tasks": (reference_tasks.parse_tasks, TASKS),
    "facts-of-sensors": (facts.parse, FACTS_TABLE),
    "map": (read_map, _maps),
}

TARGETS = {
    target.name: target
    for target in (
        Target("recording", _of_file("tests/storage/formats/format-1.mcap"), _recording),
        Target("chunk", _contents, _chunk),
        Target("index", _indices, _index),
        Target("text-form", _of_file("tests/storage/formats/format-1.tsv"), _text_form),
        *(Target(f"foreign-{name}", lambda name=name: [make.SMALL[name]()], _foreign(name)) for name in make.SMALL),
        *(
            Target(f"foreign-{name}", lambda name=name: [make.IN_CHILD[name]()], _foreign(name), slow=True)
            for name in make.IN_CHILD
        ),
        *(Target(name, seeds, _text(read)) for name, (read, seeds) in READS.items()),
        *(
            Target(f"{name}-values", lambda: random_seeds(12), _altered_text(read, seeds))
            for name, (read, seeds) in READS.items()
        ),
        Target("places", lambda: [b'"EMG-GL" = ["gluteus_maximus/left"]\n'], _file(read_places, "places.toml")),
        Target("place-option", lambda: [b"EMG-GL=gluteus_maximus/left,-"], _option),
        Target("script", lambda: [b"wait 2\nuntil reps 3\nset # now\n"], _file(read_script, "script.txt")),
        *map(_packets, CONVERSATIONS.values()),
        Target("handshake", random_seeds, _handshake),
        Target("advertisement", random_seeds, _advertisement),
        Target("store", _store_bytes, _store),
        Target("store-rows", random_seeds, _store_rows),
        Target("store-facts", random_seeds, _facts),
        *LIAR_TARGETS,
        *SESSION_TARGETS,
    )
}
"""All of them, by name."""
