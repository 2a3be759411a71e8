"""Log lines: one event a line, for people or as JSON. Never the text of an article: ids and offsets."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

__all__ = ["QUIET", "configure", "fields"]

QUIET = ("faust", "aiokafka", "mode", "asyncio", "aiohttp")
"""Libraries whose chatter costs time (Faust at DEBUG: a tenth of it) and hides our own lines."""


def configure(level: Literal["debug", "info", "warning", "error"], form: Literal["auto", "text", "json"]) -> None:
    """Send what is logged to standard error. `level` is ours; libraries speak from WARNING on. `auto`: JSON unless a terminal reads."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Text() if form == "text" or (form == "auto" and sys.stderr.isatty()) else Json())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def fields(**values: Any) -> dict[str, Any]:
    """What a line is about, by name, for programs that read it: ``log.info("alert firing", extra=fields(rule=rule.id))``."""
    return {"fields": values}


class Text(logging.Formatter):
    """Time, level, logger, message, and the fields as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line before a traceback."""
        about = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        return super().formatMessage(record) + (f"  {about}" if about else "")


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
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode()
