"""Where the demo plays."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.config import Settings

__all__ = ["Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """The settings of its worker, and how a shell reaches the same broker and topics."""

    settings: "Settings"
    about: str
    environment: dict[str, str]
    arguments: list[str]
    cwd: Path | None
    """None: the worker's own directory."""
    ours: bool
    """Whether the broker is one that the demo started, so that what is in it needs no clearing away."""

    @property
    def shell(self) -> str:
        """How a shell calls our commands on this broker and these topics, as far as the command's name."""
        program = "newsgauge" if shutil.which("newsgauge") else sys.argv[0]
        prefix = f"NEWSGAUGE_TOPIC_PREFIX={self.settings.topic_prefix} " if self.settings.topic_prefix else ""
        return f"NEWSGAUGE_BOOTSTRAP={self.settings.bootstrap} {prefix}{program}"
