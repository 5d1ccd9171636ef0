"""What people say about sessions and choose in the programme: in no recording, and never touched by a rebuild."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from emgmon.errors import StoreError
from emgmon.storage.sessions.schema import CHOICES, FACTS, PERSONS, SESSIONS, TAGS
from emgmon.storage.sessions.store import Store
from emgmon.storage.sessions.writing import keep_fact, person_id

FACTS_SCHEMA = "emgmon-facts/1"
LONGEST_TAG = 60
MOST_TENSION = 10.0
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a person chose, at a time in UTC (ISO 8601): the newest of a key counts."""

    utc: str
    key: str
    value: str


def give_to(store: Store, sha256: str, person: str) -> None:
    """Say whose a session is."""
    with store.writing() as connection:
        keep_fact(connection, sha256, person, person)


def add_tag(store: Store, sha256: str, tag: str) -> None:
    """Tag a session; twice is once."""
    tag = _sound_tag(tag)
    with store.writing() as connection:
        connection.execute(delete(TAGS).where(TAGS.c.sha256 == sha256, TAGS.c.tag == tag))
        connection.execute(insert(TAGS).values(sha256=sha256, tag=tag))


def remove_tag(store: Store, sha256: str, tag: str) -> None:
    """Take a tag off a session; a session without it stays as it is."""
    with store.writing() as connection:
        connection.execute(delete(TAGS).where(TAGS.c.sha256 == sha256, TAGS.c.tag == tag.strip()))


def _sound_tag(tag: Any) -> str:
    sound = tag.strip() if isinstance(tag, str) else ""
    if not sound or len(sound) > LONGEST_TAG or not sound.isprintable():
        raise StoreError(f"{str(tag)[:40]!r} is no tag: one line of at most {LONGEST_TAG} letters")
    return sound


def set_note(store: Store, sha256: str, note: str) -> None:
    """Put a note on a session, in place of an earlier one."""
    with store.writing() as connection:
        connection.execute(update(FACTS).where(FACTS.c.sha256 == sha256).values(note=note))


def set_tension(store: Store, sha256: str, tension: float) -> None:
    """Say how tense the hamstrings were after a session, 0 to 10; outranks what its marks say."""
    if not 0.0 <= tension <= MOST_TENSION:
        raise StoreError(f"tension is 0 to {MOST_TENSION:g}, not {tension:g}")
    with store.writing() as connection:
        connection.execute(update(FACTS).where(FACTS.c.sha256 == sha256).values(tension=tension))


def forget(store: Store, sha256: str, *, facts: bool) -> None:
    """Delete a session; its recording is not touched, so that a rebuild brings it back.

    Parameters
    ----------
    store : Store
    sha256 : str
    facts : bool
        Also what was said about it, which no rebuild brings back.
    """
    with store.writing() as connection:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.sha256 == sha256))
        if facts:
            connection.execute(delete(FACTS).where(FACTS.c.sha256 == sha256))


def forget_person(store: Store, person: str) -> None:
    """Delete a person and what they chose, when no recording is theirs any more."""
    with store.writing() as connection:
        these = select(PERSONS.c.id).where(PERSONS.c.name == person, PERSONS.c.id.not_in(select(FACTS.c.person_id)))
        owner = connection.execute(these).scalar()
        if owner is not None:
            connection.execute(delete(CHOICES).where(CHOICES.c.person_id == owner))
            connection.execute(delete(PERSONS).where(PERSONS.c.id == owner))


def choose(store: Store, person: str, key: str, value: str, utc: str) -> None:
    """Keep what a person chose, beside all that they chose before."""
    with store.writing() as connection:
        owner = person_id(connection, person)
        connection.execute(insert(CHOICES).values(person_id=owner, utc=utc, key=key, value=value))


def choices(store: Store, person: str) -> tuple[Choice, ...]:
    """Return what a person chose, oldest first; nothing of somebody who is not there."""
    with store.reading() as connection:
        asked = (
            select(CHOICES.c.utc, CHOICES.c.key, CHOICES.c.value)
            .join(PERSONS, CHOICES.c.person_id == PERSONS.c.id)
            .where(PERSONS.c.name == person)
            .order_by(CHOICES.c.utc, CHOICES.c.id)
        )
        return tuple(Choice(*row) for row in connection.execute(asked))


def facts_json(store: Store) -> dict[str, Any]:
    """Return all that people said, ready for JSON: what cannot be made anew from recordings."""
    with store.reading() as connection:
        tags: dict[str, list[str]] = {}
        for sha256, tag in connection.execute(select(TAGS).order_by(TAGS.c.sha256, TAGS.c.tag)):
            tags.setdefault(sha256, []).append(tag)
        columns = (FACTS.c.sha256, PERSONS.c.name, FACTS.c.note, FACTS.c.tension)
        asked = select(*columns).join(PERSONS, FACTS.c.person_id == PERSONS.c.id).order_by(FACTS.c.sha256)
        said = [
            {"sha256": sha256, "person": person, "note": note, "tension": tension, "tags": tags.get(sha256, [])}
            for sha256, person, note, tension in connection.execute(asked)
        ]
        chosen = select(PERSONS.c.name, CHOICES.c.utc, CHOICES.c.key, CHOICES.c.value).join(
            PERSONS, CHOICES.c.person_id == PERSONS.c.id
        )
        rows = connection.execute(chosen.order_by(CHOICES.c.id)).all()
    names = ("person", "utc", "key", "value")
    return {
        "schema": FACTS_SCHEMA,
        "sessions": said,
        "choices": [dict(zip(names, row, strict=True)) for row in rows],
    }


def restore_facts(store: Store, text: str, name: str) -> int:
    """Take back what `facts_json` gave, over what is there; returns the number of sessions spoken of.

    Parameters
    ----------
    store : Store
    text : str
        JSON.
    name : str
        Of the file, for messages.

    Raises
    ------
    StoreError
        When the text is something else; nothing is changed then.
    """
    try:
        told = json.loads(text)
        sessions = [_sound_fact(item) for item in told["sessions"]]
        chosen = [tuple(str(item[key]) for key in ("person", "utc", "key", "value")) for item in told["choices"]]
        sound = told["schema"] == FACTS_SCHEMA
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{name}: not the facts that 'emgmon sessions export --facts' writes ({error})") from error
    if not sound:
        raise StoreError(f"{name}: facts in another form than {FACTS_SCHEMA}; update emgmon to read it")
    with store.writing() as connection:
        for item in sessions:
            keep_fact(connection, item["sha256"], item["person"], item["person"])
            this = FACTS.c.sha256 == item["sha256"]
            connection.execute(update(FACTS).where(this).values(note=item["note"], tension=item["tension"]))
            connection.execute(delete(TAGS).where(TAGS.c.sha256 == item["sha256"]))
            for tag in item["tags"]:
                connection.execute(insert(TAGS).values(sha256=item["sha256"], tag=tag))
        for person, utc, key, value in chosen:
            owner = person_id(connection, person)
            same = (CHOICES.c.person_id == owner, CHOICES.c.utc == utc, CHOICES.c.key == key, CHOICES.c.value == value)
            if connection.execute(select(CHOICES.c.id).where(*same)).first() is None:
                connection.execute(insert(CHOICES).values(person_id=owner, utc=utc, key=key, value=value))
    return len(sessions)


def _sound_fact(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return one session's facts in their types; raises ValueError and its like otherwise."""
    if not _DIGEST.fullmatch(item["sha256"]):
        raise ValueError(f"{item['sha256'][:20]!r} is no SHA-256")
    tension = item["tension"]
    if tension is not None and not (math.isfinite(tension) and 0.0 <= tension <= MOST_TENSION):
        raise ValueError(f"tension {tension}")
    tags = sorted({_sound_tag(tag) for tag in item["tags"]})
    return {
        "sha256": item["sha256"],
        "person": str(item["person"]),
        "note": str(item["note"]),
        "tension": tension,
        "tags": tags,
    }
