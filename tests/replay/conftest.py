"""The command line as a user runs it, from tests/cli."""

from tests.cli.conftest import run

__all__ = ["run"]
