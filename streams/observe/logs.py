"""Log lines: one event a line, for people or as JSON. Never the text of an article: ids and offsets."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from streams.core.untrusted import clean, escaped

__all__ = ["QUIET", "Repeats", "configure", "fields"]

QUIET = ("faust", "aiokafka", "mode", "asyncio", "aiohttp")
"""Libraries whose chatter costs time (Faust at DEBUG: a tenth of it) and hides our own lines."""
AGAIN_SECONDS = 60.0
"""How often the same words of a library are logged."""
MAX_SAID = 1_000
"""Different words that are remembered for it."""


def configure(level: Literal["debug", "info", "warning", "error"], form: Literal["auto", "text", "json"]) -> None:
    """Send what is logged to standard error. `level` is ours; libraries speak from WARNING on, and repeat themselves once a minute.

    `auto`: JSON unless a terminal reads.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Repeats())
    handler.setFormatter(Text() if form == "text" or (form == "auto" and sys.stderr.isatty()) else Json())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def fields(**values: Any) -> dict[str, Any]:
    """What a line is about, by name, for programs that read it: ``log.info("alert firing", extra=fields(rule=rule.id))``."""
    return {"fields": values}


class Repeats(logging.Filter):
    """Of a library's same words one line a minute, with the number that were left out before it as field `left_out`.

    While a broker is away aiokafka says so hundreds of times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is logged."""
        if record.name.partition(".")[0] not in QUIET:
            return True
        words = record.name, record.getMessage()
        last, left_out = self._said.get(words, (-AGAIN_SECONDS, 0))
        if record.created - last < AGAIN_SECONDS:
            self._said[words] = last, left_out + 1
            return False
        if len(self._said) >= MAX_SAID:
            self._said.clear()
        self._said[words] = record.created, 0
        if left_out:
            record.fields = {**getattr(record, "fields", {}), "left_out": left_out}
        return True


class Text(logging.Formatter):
    """Time, level, logger, message, and the fields as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line before a traceback."""
        about = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        return clean(super().formatMessage(record) + (f"  {about}" if about else ""))


class Json(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, the fields and, where there is one, the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return escaped(orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode())
