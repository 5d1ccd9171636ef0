"""Ways to make input hostile: bytes that are damaged, tables of which one value is what nobody expects.

All decisions come out of bytes (`Draws`), so that one fuzzer serves both: what changes bytes changes decisions.
"""

import json
import random

HUGE = 10**400
NAMES = (
    "../../x",
    "/x",
    "C:\\x",
    "a/b",
    "..",
    "CON",
    "nul.txt",
    "x\0y",
    "x\ny",
    "x" * 300,
    "=1+1",
    "<b>",
    "",
    "\u202ex",
)
VALUES = (
    *(True, False, 0, -1, 3, 2**31, 2**63, 2**64, -(2**70), HUGE, 0.5, -0.0, 1e-300, 1e308),
    *(float("inf"), float("-inf"), float("nan")),
    *([], [[]], [{}], ["G"], [1, 2], [2, 1], [1, "x"], [0.0] * 40, {}, {"a": {}}, {"x": [1]}),
    *("G", "T1", "left", "gluteus_maximus/left", "x/left", "2026-13-77", "9" * 400, "nan", *NAMES),
)
"""Values of the kinds that TOML and JSON share."""


class Draws:
    """Decisions out of bytes; zeros when they are used up."""

    def __init__(self, content):
        self._content, self._at = content, 0

    def __bool__(self):
        return self._at < len(self._content)

    def below(self, count):
        return int.from_bytes(self.piece(2), "little") % count

    def one_of(self, choices):
        return choices[self.below(len(choices))]

    def piece(self, size):
        self._at += size
        return self._content[self._at - size : self._at]


def altered(value, draws, values=VALUES):
    """Return a copy of nested dictionaries and lists in which one thing is another, missing, doubled or misnamed."""
    if isinstance(value, dict) and value and draws.below(8):
        key, how, out = draws.one_of(sorted(value)), draws.below(8), dict(value)
        if how == 0:
            del out[key]
        elif how == 1:
            out[draws.one_of(NAMES)] = out.pop(key)
        else:
            out[key] = altered(value[key], draws, values)
        return out
    if isinstance(value, list | tuple) and value and draws.below(8):
        at, how, items = draws.below(len(value)), draws.below(8), list(value)
        if how == 0:
            del items[at]
        elif how == 1:
            items.insert(at, items[at])
        else:
            items[at] = altered(items[at], draws, values)
        return items
    return draws.one_of(values)


def toml(tables):
    """Write tables as TOML, each top-level value on one line."""
    return "\n".join(f"{_key(key)} = {_inline(value)}" for key, value in tables.items()) + "\n"


def _key(key):
    return json.dumps(key, ensure_ascii=False)


def _inline(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def damaged(content, rng: random.Random, others=()):
    """Return bytes with a few places changed, cut, doubled, filled with extremes, or taken from another file."""
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at, size = rng.randrange(len(out) + 1), rng.choice((1, 1, 2, 4, 8, 16, 64))
        how = rng.randrange(8)
        if how == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif how == 1:
            out[at : at + size] = rng.randbytes(size)
        elif how == 2:
            del out[at : len(out) if rng.random() < 0.3 else at + size]
        elif how == 3:
            out[at:at] = out[at : at + size] * rng.choice((1, 2, 50))
        elif how == 4:
            out[at : at + size] = rng.choice((b"\0", b"\xff", b"\x7f", b"\x80", b"9", b"-", b"\n", b" ")) * size
        elif how == 5:
            number = rng.choice((0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63, 2**64 - 1))
            width = rng.choice((2, 4, 8))
            out[at : at + width] = (number % 256**width).to_bytes(width, rng.choice(("little", "big")))
        elif how == 6 and others:
            other = rng.choice(others)
            begin = rng.randrange(len(other) + 1)
            out[at : at + size] = other[begin : begin + size * rng.choice((1, 1, 8))]
        else:
            text = rng.choice((b"nan", b"inf", b"1e999", b"-1", b"9" * 40, b"'", b'"', b"\xef\xbb\xbf", b"\0\0\0\0"))
            out[at : at + len(text)] = text
    return bytes(out)
