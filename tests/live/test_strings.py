"""All that the window says stands in one table, which can be translated."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import emgmon.live
from emgmon.live.strings import ENGLISH, words

ROOM = Path(emgmon.live.__file__).parent
FILES = sorted(ROOM.glob("*.py"))
SHOWING = {
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "label", "button", "setText",
    "setToolTip", "setPlaceholderText", "setWindowTitle", "setAccessibleName", "setAccessibleDescription", "setTitle",
    "drawText", "addText", "write", "addItem", "question", "information", "getOpenFileName", "getSaveFileName", "_put",
}  # fmt: skip
"""Functions whose texts are seen."""
NAMES = {"emgmon", "kg"}
"""Not translated: the program and units."""
WORD = re.compile(r"[^\W\d_]{2,}")


def texts(node: ast.expr) -> Iterator[str]:
    """Yield the literal texts that an argument can be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            for part in parts:
                if isinstance(part, ast.Constant):
                    yield str(part.value)
        case ast.IfExp(body=body, orelse=other):
            yield from texts(body)
            yield from texts(other)
        case ast.BinOp(left=left, right=right):
            yield from texts(left)
            yield from texts(right)


def shown_literals(source: str) -> Iterator[str]:
    """Yield each word of a language that a file shows without the table."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SHOWING:
            for argument in node.args:
                yield from (text for text in texts(argument) if WORD.search(text) and text.strip() not in NAMES)


def asked_for(source: str) -> Iterator[str]:
    """Yield the names that a file asks the table for; a name with a variable part as a pattern."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "words" and node.args:
            yield from names_in(node.args[0])


def names_in(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)
        case ast.IfExp(body=body, orelse=other):
            yield from names_in(body)
            yield from names_in(other)


def test_a_literal_is_found():
    source = 'label("Ready", 20); x.setText(f"{n} sensors" if n else words("a")); write(p, "emgmon", 3); f("no")'
    assert list(shown_literals(source)) == ["Ready", " sensors"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_shown_that_is_not_in_the_table(path):
    assert list(shown_literals(path.read_text("utf-8"))) == []


def test_every_name_that_is_asked_for_is_in_the_table():
    for path in FILES:
        for name in asked_for(path.read_text("utf-8")):
            assert any(re.fullmatch(name, key) for key in ENGLISH), f"{path.name}: {name}"


def test_every_text_is_filled_in_with_named_values_only():
    for key, text in ENGLISH.items():
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        assert all(field.isidentifier() for field in fields), key
        assert words(key, **dict.fromkeys(fields, 1)), key
