"""Proposes a map from the names of channels, and says how sure it is. It never decides by itself.

Names come as SENIAM spells them, as abbreviations of many laboratories, in several languages and glued to sides and
numbers: ``R.VLO``, ``LT GLUTEUS MAX.``, ``bifemlh_r``. A name is *sure* when it spells a muscle and a side out,
*likely* when it abbreviates or leaves the side open, *unknown* otherwise. An inertial sensor is proposed where six axes
are named.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from emgmon.model import MUSCLES, Placement
from emgmon.storage.foreign.base import Foreign, ForeignStream
from emgmon.storage.foreign.matching import AXES, TO_DPS, TO_G, names_of

Sureness = Literal["sure", "likely", "unknown"]

SPELT: dict[str, str] = {
    "gluteus_maximus": r"glut\w* max\w*|gmax\w*|glutmax\w*|glmax\w*|gluteo mayor|grand fessier",
    "gluteus_medius": r"glut\w* med\w*|gmed\w*|glutmed\w*|glmed\w*|gluteo medio|moyen fessier",
    "biceps_femoris": r"bic\w* fem\w*|bifem\w*|bicfem\w*|bflh|bfsh",
    "semitendinosus": r"semiten\w*|semitendinoso",
    "erector_spinae": r"erector\w*( spin\w*)?|erect spin\w*|longissimus\w*|iliocost\w*|longlumb|longthor",
    "tensor_fasciae_latae": r"tensor fasc\w*( lat\w*)?|tfl|tensfasc\w*",
    "rectus_femoris": r"rect\w* fem\w*|recto femoral|recfem\w*",
    "vastus_medialis": r"vast\w* med\w*|vasto medial|vasmed|vas med|vmo",
    "vastus_lateralis": r"vast\w* lat\w*|vasto lateral|vaslat|vas lat|vlo",
    "tibialis_anterior": r"tib\w* ant\w*|tibant",
    "peroneus_longus": r"(peron|fibular)\w* long\w*|perlong",
    "gastrocnemius_medialis": r"(gast\w*|gas) med\w*|med\w* (gast\w*|gas)|gasmed|medgas",
    "gastrocnemius_lateralis": r"(gast\w*|gas) lat\w*|lat\w* (gast\w*|gas)|gaslat|latgas",
    "soleus": r"soleus|soleo",
}
SHORT: dict[str, str] = {
    "gluteus_maximus": "gmx|gma|gmax",
    "gluteus_medius": "gme|gmd",
    "biceps_femoris": "bf|ham|hams|hamstrings?",
    "semitendinosus": "st|semit",
    "erector_spinae": "es|esl|lomb|lumbar",
    "rectus_femoris": "rf",
    "vastus_medialis": "vm",
    "vastus_lateralis": "vl",
    "tibialis_anterior": "ta",
    "peroneus_longus": "pl",
    "gastrocnemius_medialis": "gasm|mg|gm",
    "gastrocnemius_lateralis": "gasl|lg|gl",
    "soleus": "sol|so",
}
AMBIGUOUS = ("gm", "gl", "st", "so", "pl", "ta", "es", "ham", "hams", "lumbar", "hamstring", "hamstrings")
"""Short names that mean something else in other laboratories, or a group; at most a hint of a comment."""

LEFT, RIGHT = (
    ("l", "lt", "left", "li", "izq", "izquierdo", "links", "gauche"),
    ("r", "rt", "right", "re", "der", "droit", "rechts"),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a channel may be. `why` is for the comment in the proposal; `side` is empty where nothing tells it."""

    muscle: str
    side: str
    sureness: Sureness
    why: str

    @property
    def placement(self) -> Placement | None:
        """Muscle and side where both are known."""
        return Placement(self.muscle, self.side) if self.muscle and self.side else None


UNKNOWN = Guess("", "", "unknown", "the name tells no muscle")


def guess(name: str) -> Guess:
    """Guess muscle and side from a channel's name."""
    words = _words(name)
    side, rest = _side(words)
    plain = " ".join(
        word for word in rest if not re.fullmatch(r"emg\d*|\d+|ch\d*|channel|sensor|mini|avanti|mv|uv|v", word)
    )
    spelt = [muscle for muscle, pattern in SPELT.items() if re.search(rf"\b(?:{pattern})\b", plain)]
    if len(spelt) == 1:
        if side:
            return Guess(spelt[0], side, "sure", "spelt out, with its side")
        return Guess(spelt[0], "", "likely", "spelt out, but the side is not said")
    short = [
        (muscle, word) for muscle, pattern in SHORT.items() for word in plain.split() if re.fullmatch(pattern, word)
    ]
    if len(spelt) > 1 or len({muscle for muscle, _word in short}) != 1:
        return UNKNOWN
    muscle, word = short[0]
    if word in AMBIGUOUS:
        return Guess("", side, "unknown", f"'{word}' could be {MUSCLES[muscle].title.lower()}, among others")
    return Guess(muscle, side, "likely", f"'{word}' is a usual short form" + ("" if side else "; the side is not said"))


def guesses(foreign: Foreign) -> dict[str, Guess]:
    """Guess for each channel, by the name that a map uses; a place that two channels claim is unknown for both."""
    found = {name: guess(name.rpartition(":")[2] if ":" in name else name) for name in names_of(foreign)}
    claimed = Counter(one.placement for one in found.values() if one.placement)
    return {
        name: Guess("", one.side, "unknown", f"several channels look like {one.placement.title.lower()}")
        if one.placement and claimed[one.placement] > 1
        else one
        for name, one in found.items()
    }


def sensors(foreign: Foreign) -> list[ForeignStream]:
    """Streams that have the axes of an accelerometer and a gyroscope, in known units."""
    return [
        stream
        for stream in foreign.streams
        if all(axis in map(str.lower, stream.names) for axis in (*AXES[0], *AXES[1]))
        and {unit.lower() for unit in stream.units} & {*TO_G}
        and {unit.lower() for unit in stream.units} & {*TO_DPS}
    ]


def proposal(foreign: Foreign, file_name: str, *, only_sure: bool = False) -> str:
    """Write a map as TOML.

    Parameters
    ----------
    foreign : Foreign
    file_name : str
    only_sure : bool
        Leave out all channels but those that are sure, so that the map can be used as it stands.
    """
    lines = [f"# Proposed for {_comment(file_name)}. Check each line before you use it.", ""]
    if any(stream.fs_hz is None for stream in foreign.streams):
        lines += ["[file]", "# rate_hz = …   # some channels have neither times nor a rate; the map must say it", ""]
    lines += ["[session]", 'exercise = "recording"', ""]
    hints: dict[str, str] = {}
    for stream in foreign.streams:
        hints |= dict(zip(stream.names, stream.hints, strict=False))
    units = {name: unit for stream in foreign.streams for name, unit in zip(stream.names, stream.units, strict=True)}
    for name, one in guesses(foreign).items():
        if only_sure and one.sureness != "sure":
            continue
        key = name.rpartition(":")[2] if name not in units else name
        hint = f"; the file says: {hints[key]}" if hints.get(key) else ""
        lines += _channel(name, one, units.get(key, ""), hint)
    for stream in sensors(foreign):
        lines += [f"[imu.{json.dumps(stream.name or 'imu', ensure_ascii=False)}]   # likely: six axes are named so"]
        lines += ['# muscle = "…"   # where it was worn, if anybody knows', '# side = "…"', ""]
    return "\n".join(lines)


def sure_count(foreign: Foreign) -> int:
    """Count the channels that are sure."""
    return sum(one.sureness == "sure" for one in guesses(foreign).values())


def _channel(name: str, one: Guess, unit: str, hint: str) -> list[str]:
    comment = "" if one.placement else "# "
    key = json.dumps(name, ensure_ascii=False)
    lines = [f"# {one.sureness}: {_comment(one.why + hint)}", f"{comment}[channels.{key}]"]
    lines.append(f'{comment}muscle = "{one.muscle or "…"}"')
    lines.append(f'{comment}side = "{one.side or "…"}"')
    lines.append(f"# unit: {_comment(unit)}" if unit else '# unit = "…"   # the file does not say it; a.u. without')
    return [*lines, ""]


def _comment(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _words(name: str) -> list[str]:
    """Split a name into lower-case words: at blanks and signs, and where small letters meet capitals or numbers."""
    parted = re.sub(r"\b([LR])(?=[A-Z][a-z])", r"\1 ", name)
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", parted)
    parted = re.sub(r"(?<=[A-Za-z])(?=\d)", " ", parted)
    return [word for word in re.split(r"[^a-z0-9à-ÿ]+", parted.lower()) if word]


def _side(words: Iterable[str]) -> tuple[str, list[str]]:
    """Side, where just one is named by a word of its own or by a letter before a muscle, and the other words."""
    rest, sides = [], set()
    for word in words:
        if word in LEFT or word in RIGHT:
            sides.add("left" if word in LEFT else "right")
            continue
        match = re.fullmatch(r"([lr])(\w{2,})", word)
        known = "|".join([*SPELT.values(), *SHORT.values()])
        if match and re.fullmatch(known, match[2]) and not re.fullmatch(known, word):
            sides.add("left" if match[1] == "l" else "right")
            rest.append(match[2])
        else:
            rest.append(word)
    return (sides.pop() if len(sides) == 1 else ""), rest
