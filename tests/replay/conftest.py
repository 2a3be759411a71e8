"""The command line in this process: replays are many, and starting Python is slow."""

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from streams.cli.main import main
from tests.cli.conftest import Result, Run, environment


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `newsgauge ARGS...` in an empty directory: `run("replay", "stories.jsonl", bootstrap="...")`."""
    monkeypatch.chdir(tmp_path)

    def command(*args: str, **settings: str) -> Result:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            patch.setattr("os.environ", environment(**settings))
            status = main(args)
        return Result(status, out.getvalue(), err.getvalue())

    yield command
