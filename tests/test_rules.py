"""The house rules: import directions, sizes, the interface of each stage, and that everything is documented and tested."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from counterspam import pipeline
from counterspam.config import Config

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "counterspam"
FILES = sorted(SOURCE.rglob("*.py"))
STAGES = ("collect", "decode", "detect", "group", "locate", "measure", "policy", "respond")
VOCABULARY = {
    "envelope",
    "intervals",
    "model",
    "taxonomy",
    "errors",
    "config",
    "privacy",
    "reasons",
    "rollups",
    "tools",
}
# The only places where a function may be longer, and why: none so far.
LONGEST_FILE, LONGEST_FUNCTION = 500, 40


def folder(path: Path) -> str:
    """The folder right under the package that a file is in, "" for none."""
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Modules of our own that a file imports, as written after `counterspam.`; "" for the package itself."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.split(".")[0] == "counterspam"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "counterspam":
            module = str(node.module)
            found |= {module} if module != "counterspam" else {f"counterspam.{name.name}" for name in node.names}
    return {name.removeprefix("counterspam").lstrip(".") for name in found}


@pytest.mark.parametrize("path", [p for p in FILES if folder(p) in STAGES], ids=str)
def test_a_stage_imports_only_the_vocabulary_and_its_own_folder(path: Path) -> None:
    foreign = {m for m in imports(path) if m and m.split(".")[0] not in VOCABULARY | {folder(path), "__version__"}}
    assert not foreign, f"{path.relative_to(SOURCE)} imports {sorted(foreign)}"


@pytest.mark.parametrize("path", [p for p in FILES if folder(p) == "store"], ids=str)
def test_the_store_knows_no_stage(path: Path) -> None:
    foreign = {m for m in imports(path) if m and m.split(".")[0] not in VOCABULARY | {"store"}}
    assert not foreign, f"{path.relative_to(SOURCE)} imports {sorted(foreign)}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_store_touches_a_database(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "store" not in path.relative_to(SOURCE).parts:
        assert not re.search(
            r"^\s*(import|from) (sqlalchemy|clickhouse_connect|chdb|obstore|sqlite3|psycopg)\b", text, re.MULTILINE
        )


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert length <= LONGEST_FUNCTION, f"{path.relative_to(SOURCE)}: {node.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, f"{path.relative_to(SOURCE)} has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.relative_to(SOURCE)}: {node.name} has no docstring"


@pytest.mark.parametrize("module", pipeline.FORMATS, ids=lambda m: m.__name__)
def test_a_format_has_its_two_functions_golden_files_tests_and_documentation(module: object) -> None:
    name = module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    assert callable(module.looks_like)  # type: ignore[attr-defined]
    assert callable(module.decode)  # type: ignore[attr-defined]
    assert any((ROOT / "tests" / "golden" / "decode").glob(f"{name}*")), f"no golden file for {name}"
    assert (ROOT / "tests" / "decode" / f"test_{name}.py").is_file()
    assert f"`{name}`" in (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", pipeline.CHECKS, ids=lambda m: m.__name__)
def test_a_check_has_its_function_golden_file_and_documentation(module: object) -> None:
    name = module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    assert callable(module.check)  # type: ignore[attr-defined]
    assert f"`{name}`" in (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    golden = any((ROOT / "tests" / "golden" / "detect").glob(f"{name}.*"))
    assert golden or (ROOT / "tests" / "detect" / f"test_{name}.py").is_file(), f"nothing tests {name}"


def test_every_question_is_one_sql_file_that_is_asked_and_documented() -> None:
    asked = "".join(path.read_text(encoding="utf-8") for path in (SOURCE / "measure").glob("*.py"))
    text = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    for path in (SOURCE / "measure" / "sql").glob("*.sql"):
        assert re.search(rf'\("{path.stem}"|, "{path.stem}"', asked), f"nothing asks {path.stem}"
        assert f"`{path.stem}`" in text
        assert path.read_text(encoding="utf-8").startswith("-- "), f"{path.name} does not say what it asks"


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    for name, setting in Config.model_fields.items():
        assert setting.description, name
        assert f"`{name}`" in text, name


def test_no_path_of_a_machine_and_no_leftovers() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".sql", ".html", ".toml", ".js", ".css", ""}
            and path.is_file()
            and path.name != "test_rules.py"
        ):
            text = path.read_text(encoding="utf-8", errors="replace")
            found = re.search(r"/(work/|root/[.]|tmp/bash)|\bTODO\b|\bFIXME\b|raise NotImplementedError", text)
            assert not found, f"{name}: {found.group() if found else ''}"
