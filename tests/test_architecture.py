"""The layers hold, and no file grows out of its room."""

from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]


def test_layers(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert lint_imports() == 0, capsys.readouterr().out


@pytest.mark.parametrize("package", ["emgmon", "firmware_sim"])
def test_no_module_is_longer_than_one_can_read(package):
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / package).rglob("*.py")}
    assert max(lengths.values()) <= 400, max(lengths, key=lengths.get)


def test_the_simulator_and_the_program_share_no_name_but_the_profile():
    """No module of one imports the other, checked on the text too: a lazy import is an import."""
    for path in (ROOT / "firmware_sim").rglob("*.py"):
        assert "import emgmon" not in path.read_text("utf-8")
        assert "from emgmon" not in path.read_text("utf-8")
