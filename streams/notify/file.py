"""The file of receivers with its secrets, as it is now and as it changes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from streams.core.delivery.receivers import Receiver, ReceiverFile, Secret, key_fault, parse, url_fault
from streams.core.yamlfile import Fault, Written

__all__ = ["Configuration", "Endpoint", "read", "stamp"]

MAX_BYTES = 1_000_000
NO_APPRISE = (
    "type apprise needs the extra `chat`, which is not installed: install it (pip install 'newsgauge[chat]'), or take this receiver out"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver with its secrets at hand."""

    receiver: Receiver
    url: str
    keys: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"Endpoint({self.receiver.name})"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file of receivers says, and the files that it was read from."""

    file: ReceiverFile
    endpoints: Mapping[str, Endpoint]
    sources: tuple[Path, ...]


def stamp(sources: tuple[Path, ...]) -> tuple[tuple[int, int, int] | None, ...]:
    """What changes when one of the files does."""
    return tuple(_stamp(path) for path in sources)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(path: Path, environ: Mapping[str, str] | None = None) -> Configuration | tuple[Fault, ...]:
    """The file at `path` with its secrets, or all faults. OSError where the file itself cannot be read."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        return (Fault(str(path), 1, 1, f"{len(data):,} bytes, and at most {MAX_BYTES:,} are taken"),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return (Fault(str(path), data.count(b"\n", 0, error.start) + 1, 1, f"byte {error.start} is not UTF-8"),)
    written = parse(text, file=str(path))
    if not isinstance(written, Written):
        return written
    secrets = _Secrets(written, path.parent, os.environ if environ is None else environ)
    endpoints = {one.name: secrets.endpoint(number, one) for number, one in enumerate(written.content.receivers)}
    if secrets.faults:
        return tuple(secrets.faults)
    return Configuration(written.content, endpoints, (path, *secrets.files))


class _Secrets:
    """Looks up what stands elsewhere; collects what is wrong with it."""

    def __init__(self, written: Written[ReceiverFile], folder: Path, environ: Mapping[str, str]) -> None:
        self._written = written
        self._folder = folder
        self._environ = environ
        self.files: list[Path] = []
        self.faults: list[Fault] = []

    def endpoint(self, number: int, receiver: Receiver) -> Endpoint:
        """The receiver at place `number` of the file with its secrets; empty texts where there are faults."""
        at = ("receivers", number)
        url = self._value(receiver.url, (*at, "url"))
        keys = tuple(self._value(key, (*at, "keys", place)) for place, key in enumerate(receiver.keys))
        headers = tuple((name, self._value(value, (*at, "headers", name))) for name, value in receiver.headers.items())
        if receiver.type == "apprise":
            self._check((*at, "url") if _has_apprise() else at, _apprise_fault(url) if url else None)
        else:
            self._check((*at, "url"), url_fault(receiver, url) if url else None)
        for place, key in enumerate(keys):
            self._check((*at, "keys", place), key_fault(key) if key else None)
        for name, value in headers:
            clean = value.isprintable() and (value.isascii() or not value)
            self._check((*at, "headers", name), None if clean else "a header's value is printable ASCII")
        return Endpoint(receiver, url, keys, headers)

    def _value(self, secret: Secret, at: tuple[str | int, ...]) -> str:
        if secret.env is not None:
            value = self._environ.get(secret.env, "").strip()
            self._check(at, None if value else f"{secret.told} is not set")
            return value
        if secret.file is not None:
            path = self._folder / secret.file
            self.files.append(path)
            try:
                value = path.read_text(encoding="utf-8").strip()
            except UnicodeDecodeError:
                self._check(at, f"{secret.told} cannot be read: it is not UTF-8")
                return ""
            except (OSError, ValueError) as error:  # a path with a null byte
                self._check(at, f"{secret.told} cannot be read: {getattr(error, 'strerror', None) or error}")
                return ""
            self._check(at, None if value else f"{secret.told} is empty")
            return value
        return secret.value or ""

    def _check(self, at: tuple[str | int, ...], message: str | None) -> None:
        if message:
            self.faults.append(self._written.fault(at, message))


def _has_apprise() -> bool:
    return find_spec("apprise") is not None


def _apprise_fault(url: str) -> str | None:
    """What is wrong with an address of Apprise; it is never repeated, since it holds the secret."""
    if not _has_apprise():
        return NO_APPRISE
    from apprise import Apprise

    return None if Apprise.instantiate(url) else "Apprise knows no service by this URL"
