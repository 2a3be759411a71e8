"""Articles from files and standard input: JSON lines, or one plain text a file.

A plain text may begin with a head, `date 2024-01-31 (PUBLISHER)`, followed by the text on the same line or the next. The head is no
part of the text that is published, so offsets into the text count from after it.
"""

import re
import stat
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from os import fstat
from pathlib import Path
from typing import BinaryIO, Literal

from schemas.article import Article
from streams.cli.options import USAGE, CommandError

__all__ = ["STDIN", "Bad", "Format", "Line", "article_of_text", "format_of", "is_regular", "lines", "opened", "shown", "without_blocking"]

Format = Literal["auto", "jsonl", "text"]
STDIN = "-"
BOM = b"\xef\xbb\xbf"
HEAD = re.compile(r"\s*date[ \t]+(?P<published>\d{4}-\d{2}-\d{2})(?:[ \t]*\((?P<publisher>[^()\n]{1,200})\))?[ \t]*(?:\r?\n)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file that is not blank, without its line break."""

    where: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Bad:
    """What could not be taken, where (file:line) and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def opened(name: str) -> AbstractContextManager[BinaryIO]:
    """The file, or standard input for `-`. CommandError where it cannot be read."""
    if name == STDIN:
        if sys.stdin is None:
            raise CommandError("Standard input is closed.", USAGE)
        # Not sys.stdin.buffer, and never closed: both would wait for a thread that still reads.
        return nullcontext(open(sys.stdin.fileno(), "rb", closefd=False))
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.", USAGE) from None


def shown(name: str) -> str:
    """The file's name in messages."""
    return "standard input" if name == STDIN else name


def is_regular(stream: BinaryIO) -> bool:
    """Whether reading it never waits."""
    try:
        return stat.S_ISREG(fstat(stream.fileno()).st_mode)
    except (OSError, AttributeError, ValueError):
        return False


def format_of(name: str, beginning: bytes, asked: Format) -> Literal["jsonl", "text"]:
    """What a file is: as asked, else by its name, else JSON lines where it begins with an object."""
    if asked != "auto":
        return asked
    match Path(name).suffix.lower():
        case ".jsonl" | ".ndjson" | ".json":
            return "jsonl"
        case ".txt" | ".text":
            return "text"
        case _:
            return "jsonl" if beginning.removeprefix(BOM).lstrip().startswith(b"{") else "text"


def lines(name: str, stream: Iterable[bytes]) -> Iterator[Line]:
    """The lines that are not blank, numbered from 1."""
    for count, data in enumerate(stream, 1):
        data = data.removeprefix(BOM) if count == 1 else data
        if data.strip():
            yield Line(f"{shown(name)}:{count}", data.rstrip(b"\r\n"))


def article_of_text(name: str, data: bytes, given: Article) -> Article | Bad:
    """A plain text as an article. What `given` says wins over the head; its text is not looked at."""
    try:
        text = data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Bad(f"{shown(name)}:{line}", f"byte {error.start} is not UTF-8")
    published, publisher = given.published, given.publisher
    if head := HEAD.match(text):
        text = text[head.end() :]
        published = published or head["published"]
        publisher = publisher or head["publisher"]
    if not text.strip():
        return Bad(f"{shown(name)}:1", "the text is empty")
    return replace(given, text=text, published=published, publisher=publisher)


async def without_blocking(items: Iterator[Line], *, waits: bool) -> AsyncIterator[Line]:
    """`items` for a coroutine. Where reading waits (a pipe, a terminal) a thread reads, and ends with the process, not before."""
    if not waits:
        for item in items:
            yield item
        return
    import asyncio  # 50 ms that `extract` does not need

    queue: asyncio.Queue[Line | None] = asyncio.Queue(100)
    loop = asyncio.get_running_loop()

    def feed() -> None:
        try:
            for item in items:
                asyncio.run_coroutine_threadsafe(queue.put(item), loop).result()
            asyncio.run_coroutine_threadsafe(queue.put(None), loop).result()
        except RuntimeError:  # the loop is gone: nobody reads any more
            return

    threading.Thread(target=feed, name="input", daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line
