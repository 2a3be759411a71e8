"""Bearer tokens: made here, kept only as hashes, compared in constant time.

A token is 256 random bits, so one round of SHA-256 is enough: there is nothing to guess. The file has one line a token, `NAME sha256:HEX`;
lines that begin with `#` are remarks. It is read again when it changes, so a line that is taken out ends its token at once.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from streams.config import ConfigError

__all__ = ["Tokens", "line", "make"]

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,60})\s+sha256:(?P<hash>[0-9a-f]{64})")


def make() -> str:
    """A new token."""
    return f"ng_{secrets.token_urlsafe(32)}"


def line(name: str, token: str) -> str:
    """What the file says of a token. ConfigError where the name cannot stand there."""
    text = f"{name} sha256:{_hash(token)}"
    if _LINE.fullmatch(text) is None:
        raise ConfigError(f"{name!r} cannot name a token: up to 60 letters, digits, dots, dashes and underscores can.")
    return text


def _hash(token: str) -> str:
    return sha256(token.encode(errors="surrogateescape")).hexdigest()


@dataclass(slots=True)
class Tokens:
    """The tokens of a file; without a file everybody may ask."""

    path: Path | None
    _hashes: dict[str, str] = field(default_factory=dict)
    """Name by hash."""
    _stamp: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        self.refresh()

    @property
    def needed(self) -> bool:
        """Does a request need a token?"""
        return self.path is not None

    @property
    def names(self) -> frozenset[str]:
        """Whose tokens the file has."""
        return frozenset(self._hashes.values())

    def name(self, token: str) -> str | None:
        """Whose token it is; null where it is nobody's."""
        wanted = _hash(token)
        found = [name for known, name in self._hashes.items() if hmac.compare_digest(known, wanted)]
        return found[0] if found else None

    def refresh(self) -> bool:
        """Reads the file again where it changed; whether it did. A file that cannot be used lets nobody in, and raises ConfigError once."""
        if self.path is None:
            return False
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return False
        self._stamp, self._hashes = stamp, {}
        self._hashes = _read(self.path)
        return True


def _stamp(path: Path) -> tuple[int, int]:
    """What changes with the file. Zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _read(path: Path) -> dict[str, str]:
    """The names of the tokens, by hash. Raises ConfigError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file of tokens {path} cannot be read: {error}.") from None
    names = {}
    for number, text in enumerate(lines, 1):
        if not text.strip() or text.startswith("#"):
            continue
        found = _LINE.fullmatch(text.strip())
        if found is None:
            raise ConfigError(f"{path}:{number}: expected a name and sha256: with 64 hex digits, as `newsgauge token` writes it.")
        names[found["hash"]] = found["name"]
    return names
