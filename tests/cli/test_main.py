"""Help, errors and exit statuses, the same for every command."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from streams.cli.main import app, main
from tests.cli.conftest import COMMAND, SECONDS, Run, environment


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it, groups included."""
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


COMMANDS = dict(commands(get_command(app)))


def test_the_commands_are_these() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        "", "worker", "publish", "tail", "extract", "explain", "demo", "replay", "backtest", "archive",
        "rules", "rules check", "rules test", "rules show", "rules apply",
        "topics", "topics create", "topics check", "topics describe",
        "api", "token",
        "notify", "silence", "silence add", "silence list", "silence expire", "deliveries", "deliveries list", "deliveries redeliver",
        "dead", "dead list", "dead show", "dead redrive",
        "broker", "broker run",
    }  # fmt: skip


@pytest.mark.parametrize("path", COMMANDS)
def test_help_has_examples_that_the_command_understands(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path, "--help"]) == 0
    told = capsys.readouterr().out
    examples = re.findall(rf"newsgauge {' '.join(path)}[^|#\n]*", told.split("Examples:" if path else "First steps:")[1])
    assert examples, "help without an example"
    known = {option for command in COMMANDS.values() for param in command.params for option in (*param.opts, *param.secondary_opts)}
    used = {word for example in examples for word in example.split() if re.fullmatch(r"--?[a-z][a-z-]*", word)}
    assert used <= known


@pytest.mark.parametrize("path", COMMANDS)
def test_the_first_sentence_of_help_fits_the_list_of_commands(path: tuple[str, ...]) -> None:
    assert not COMMANDS[path].get_short_help_str(60).endswith("...")


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_says_what_it_does(path: tuple[str, ...]) -> None:
    assert all(param.help for param in COMMANDS[path].params)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"newsgauge {version('newsgauge')}\n"


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["nonsense"], 2, "newsgauge: No such command 'nonsense'. See: newsgauge --help"),
        (["publish"], 2, "newsgauge: Missing argument 'FILE...'. See: newsgauge publish --help"),
        (["tail", "--nonsense"], 2, "newsgauge: No such option: --nonsense. See: newsgauge tail --help"),
        (["tail", "--folow"], 2, "newsgauge: No such option: --folow; did you mean --follow? See: newsgauge tail --help"),
        (["api", "--port", "0"], 2, "newsgauge: The flag --port is '0': input should be greater than or equal to 1."),
        (["extract", "--names", "nowhere.toml", "-"], 2, "newsgauge: nowhere.toml cannot be read: No such file or directory."),
        (["backtest", "--rules", "nowhere", "--against", "nowhere"], 2, "newsgauge: nowhere cannot be read: No such file or directory."),
        (
            ["tail", "nonsense"],
            2,
            "'nonsense' is not one of 'articles', 'enriched', 'claims', 'alerts', 'dead'. See: newsgauge tail --help",
        ),
        (["tail", "--since", "yesterday"], 2, "newsgauge: 'yesterday' is no time: write an age such as 90m, 2h or 7d"),
        (["tail", "--since", "999999w"], 2, "newsgauge: '999999w' is no time: write an age such as 90m, 2h or 7d"),
        (["tail", "-n", "3", "--from-beginning"], 2, "three ways to say where to start: take one."),
        (["publish", "nowhere.txt"], 2, "newsgauge: There is no file nowhere.txt."),
        (["publish", "."], 2, "newsgauge: . is a directory."),
        (["extract", "nowhere.jsonl"], 2, "newsgauge: nowhere.jsonl cannot be read: No such file or directory."),
        (["dead", "show", "nonsense"], 2, "newsgauge: 'nonsense' is no id of a dead letter: expected PARTITION/OFFSET"),
        (["dead", "list", "--reason", "not_jsn"], 2, "newsgauge: 'not_jsn' is no reason; did you mean 'not_json'? There are: empty,"),
        (["dead", "redrive"], 2, "newsgauge: Say which: ids, --reason, --stage, --since, or --all."),
        (["topics", "check", "--config", "nowhere.toml"], 2, "newsgauge: The configuration file nowhere.toml does not exist"),
        (["topics", "check", "--bootstrap", "nowhere"], 2, "newsgauge: The flag --bootstrap is 'nowhere': expected host:port"),
        (["topics", "check", "--bootstrap", "h:65536"], 2, "newsgauge: The flag --bootstrap is 'h:65536': expected host:port"),
        (["topics", "check", "--bootstrap", "127.0.0.1:1"], 1, "newsgauge: Kafka cannot be reached at 127.0.0.1:1"),
        (["broker", "run", "--mock", "--port", "9092"], 2, "newsgauge: The in-memory stand-in chooses its port"),
    ],
)
def test_an_error_is_a_sentence_on_standard_error(run: Run, args: list[str], status: int, words: str) -> None:
    result = run(*args)
    assert words in result.err
    assert (result.status, result.out) == (status, "")
    assert len(result.err.splitlines()) == 1


def test_a_wrong_setting_is_named_before_anything_else(run: Run) -> None:
    result = run("tail", partitons="3")
    assert result.status == 2
    assert result.err == "newsgauge: The environment sets NEWSGAUGE_PARTITONS, which is no setting; did you mean NEWSGAUGE_PARTITIONS?\n"


def test_a_group_without_a_command_shows_its_help(run: Run) -> None:
    result = run("dead")
    assert result.status == 2
    assert "redrive" in result.err and "Usage: newsgauge dead" in result.err


@pytest.mark.parametrize("command", ["extract", "explain"])
def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path, command: str) -> None:
    lines = tmp_path / "many.jsonl"
    lines.write_text('{"id": "1", "text": "Around 300 people came."}\n' * 5_000)
    writer = subprocess.Popen(
        [*COMMAND, command, str(lines)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=tmp_path
    )
    assert writer.stdout is not None and writer.stderr is not None
    writer.stdout.readline()
    writer.stdout.close()
    assert writer.wait(SECONDS) == 141
    assert writer.stderr.read() == b""


@pytest.mark.parametrize(
    ("redirection", "status", "words"),
    [
        ("<&-", 2, "newsgauge: Standard input is closed.\n"),
        ("< /dev/null > /dev/full", 0, ""),
        ("< stories.jsonl > /dev/full", 1, "newsgauge: No space left on device.\n"),
        ("< stories.jsonl >&-", 0, ""),
        ("< /proc/self/mem", 1, "newsgauge: Input/output error.\n"),
    ],
)
def test_odd_ends_of_pipes_are_a_sentence(tmp_path: Path, redirection: str, status: int, words: str) -> None:
    (tmp_path / "stories.jsonl").write_text('{"id": 1, "text": "Around 300 people came."}\n')
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, "extract", "-"],
        capture_output=True, text=True, env=environment(), cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (status, words, "")


def test_importing_the_application_imports_no_client_and_no_framework() -> None:
    code = (
        "import sys, streams.cli.main; print([name for name in ('faust', 'aiokafka', 'pydantic', 'rich.console') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert done.stdout == "[]\n"
