"""The pages are true: every command, option, target, setting, file and link that they name exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from streams.cli.main import app
from streams.config import PREFIX, Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
DEPLOY = [
    ROOT / "docker-compose.yml",
    *sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and path.suffix in {".yaml", ".yml", ""}),
]
CODE = sorted(path for folder in ("schemas", "streams") for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".toml"})
TEXTS = {path: path.read_text(encoding="utf-8") for path in [*PAGES, *DEPLOY, *CODE]}
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
VARIABLES = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "CONFIG"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of every `newsgauge ...` in a code span or at the start of a line of a code block."""
    spans = re.findall(r"`(?:\.venv/bin/)?newsgauge ([^`\n]+)`", text)
    blocks = "\n".join(re.findall(r"```(?:sh|bash|console)?\n(.*?)```", text, re.S))
    lines = re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?newsgauge ([^\n]+)", blocks, re.M)
    for line in [*spans, *lines]:
        words = shlex.split(line, comments=True)
        yield words[: next((i for i, word in enumerate(words) if word in {"|", ">", "&&", "..."}), len(words))]


def fault(arguments: list[str]) -> str | None:
    """What is wrong with a command line: an unknown command or an unknown option."""
    command = typer.main.get_command(app)
    for word in arguments:
        if word.startswith("-") and word != "-":
            known = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
            if word.split("=")[0] not in known | {"--help", "-h"}:
                return f"{command.name} has no option {word}"
        elif (inner := getattr(command, "commands", None)) is not None:
            for alternative in word.rstrip(",").split("|"):
                if alternative not in inner:
                    return f"{command.name} has no command {alternative}"
            command = inner[word.rstrip(",").split("|")[0]]
    return None


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_command_and_option_exists(path: Path) -> None:
    assert [(arguments, wrong) for arguments in commands(TEXTS[path]) if (wrong := fault(arguments))] == []


def test_the_check_of_commands_finds_faults() -> None:
    assert fault(["publish", "story.txt", "--published", "2024-01-31"]) is None
    assert fault(["publish", "--publishd", "2024-01-31"]) is not None
    assert fault(["topics", "destroy"]) is not None
    assert fault(["dead", "list|show|redrive"]) is None
    assert list(commands("```sh\nA=1 newsgauge tail -f | jq .\n```\n`newsgauge topics check`")) == [["topics", "check"], ["tail", "-f"]]


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_target_of_make_exists(path: Path) -> None:
    named = set(re.findall(r"`make ([a-z][a-z-]*)", TEXTS[path])) | set(re.findall(r"^make ([a-z][a-z-]*)", TEXTS[path], re.M))
    assert named <= TARGETS


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_setting_exists(path: Path) -> None:
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", TEXTS[path])) <= VARIABLES


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXTS[path]):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_page_that_is_named_exists(path: Path) -> None:
    for page in re.findall(r"\bdocs/[a-z_-]+\.md\b", TEXTS[path]):
        assert (ROOT / page).exists(), page


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_path_that_a_page_names_exists(path: Path) -> None:
    for span in re.findall(r"`((?:streams|schemas|tests|deploy|docs)/[\w./-]*)`", TEXTS[path]):
        assert (ROOT / span).exists(), span


def test_architecture_names_every_layer_in_its_order() -> None:
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("containers") == ["streams"])
    drawn = re.search(r"^ (cli .*?) {2,}schemas:", TEXTS[ROOT / "docs" / "architecture.md"], re.M)
    assert drawn is not None
    assert [part.strip() for part in drawn[1].split(">")] == [re.sub(r" \| \(\w+\)", "", layer) for layer in layers]
