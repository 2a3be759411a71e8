"""The rules of the house that no linter checks by itself."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = sorted(path for folder in ("schemas", "streams") for path in (ROOT / folder).rglob("*.py"))
PURE = [path for path in MODULES if path.is_relative_to(ROOT / "streams/core") or path.is_relative_to(ROOT / "schemas")]
PURE.remove(ROOT / "schemas" / "publish.py")  # a tool for those who change the records; nothing that runs imports it

BANNED_MODULES = {
    "aiohttp", "aiokafka", "asyncio", "concurrent", "faust", "logging", "multiprocessing", "os", "pathlib", "prometheus_client",
    "random", "secrets", "shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time", "warnings",
}  # fmt: skip
BANNED_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "fromtimestamp", "open", "print", "input", "getenv", "breakpoint"}
LONGEST_MODULE = 450
REQUIREMENT = re.compile(r"([a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?([<>=!~.,0-9]*)(?:\s*;.*)?")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_module_has_to_be_placed_in_a_layer() -> None:
    layered = [contract for contract in PROJECT["tool"]["importlinter"]["contracts"] if contract["type"] == "layers"]
    exhaustive = {container for contract in layered if contract.get("exhaustive") for container in contract["containers"]}
    assert {"streams", "streams.core"} <= exhaustive
    assert not any(contract.get("ignore_imports") or contract.get("exhaustive_ignores") for contract in layered)


@pytest.mark.parametrize("path", PURE, ids=name)
def test_core_and_schemas_know_no_clock_no_chance_and_no_outside(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert {module for module in imported(tree) if module.split(".")[0] in BANNED_MODULES} == set()
    lexicon = path.parent.name == "lexicon"
    assert {call for call in called(tree) if call in BANNED_CALLS and not (lexicon and call == "open")} == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source or ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", [path for path in MODULES if "__all__" in path.read_text(encoding="utf-8")], ids=name)
def test_what_a_module_offers_is_sorted_and_there(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    offered: list[str] = []
    defined: set[str] = set()
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                offered = ast.literal_eval(node.value)
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AnnAssign(target=ast.Name(id=target)):
                defined.add(target)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                defined.add(node.name)
            case ast.Import() | ast.ImportFrom():
                defined.update(alias.asname or alias.name for alias in node.names)
    assert offered == sorted(offered, key=lambda word: (not word.isupper(), not word[0].isupper(), word))
    assert set(offered) <= defined


MAPS = [path for path in MODULES if path.name == "__init__.py" and re.search(r"^    \w+\.py +\S", path.read_text(encoding="utf-8"), re.M)]


@pytest.mark.parametrize("path", MAPS, ids=name)
def test_the_map_of_a_package_names_every_module_and_no_other(path: Path) -> None:
    drawn = re.findall(r"^    (\w+(?:\.py|/)) ", ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")), clean=False) or "", re.M)
    files = {inner.name for inner in path.parent.glob("*.py")} - {"__init__.py"}
    folders = {inner.parent.name + "/" for inner in path.parent.glob("*/__init__.py")}
    assert set(drawn) == files | folders


def test_the_lock_file_knows_every_dependency() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text())
    ours = next(package for package in locked["package"] if package["name"] == PROJECT["project"]["name"])
    declared = {"": PROJECT["project"]["dependencies"], **PROJECT["dependency-groups"]}
    for group, requirements in declared.items():
        entries = ours["metadata"]["requires-dev"][group] if group else ours["metadata"]["requires-dist"]
        known = {entry["name"]: entry.get("specifier", "") for entry in entries if "extra" not in entry.get("marker", "")}
        wanted = {
            requirement[1].replace(".", "-"): requirement[2] for requirement in map(REQUIREMENT.fullmatch, requirements) if requirement
        }
        assert len(wanted) == len(requirements)
        assert known == wanted
