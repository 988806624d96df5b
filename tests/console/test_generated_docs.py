"""The generated parts of the documentation are what the program says today."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_parts_are_fresh(generate: ModuleType) -> None:
    assert generate.stale() == [], "run `python docs/generate.py`"


def test_a_stale_part_is_noticed(generate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(generate.PARTS, "cli.md", lambda: "something else")
    assert generate.stale() == ["cli.md"]


def test_every_command_is_documented(generate: ModuleType) -> None:
    text = generate.command_line()
    for name in (
        "serve",
        "demo",
        "ingest",
        "train",
        "check",
        "stats",
        "export",
        "doctor",
        "config",
        "version",
        "keys create",
    ):
        assert f"## counterspam {name}\n" in text
