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
        if self.path:
            self._read(self.path)

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

    def refresh(self) -> None:
        """Reads the file again where it changed. A file that cannot be used lets nobody in. Raises ConfigError."""
        if self.path is None:
            return
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
        except OSError as error:
            self._hashes = {}
            raise ConfigError(f"The file of tokens {self.path} cannot be read: {error.strerror}.") from None
        if stamp != self._stamp:
            self._hashes = {}
            self._read(self.path)
            self._stamp = stamp

    def _read(self, path: Path) -> None:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The file of tokens {path} cannot be read: {error}.") from None
        hashes = {}
        for number, text in enumerate(lines, 1):
            if not text.strip() or text.startswith("#"):
                continue
            found = _LINE.fullmatch(text.strip())
            if found is None:
                raise ConfigError(f"{path}:{number}: expected a name and sha256: with 64 hex digits, as `newsgauge token` writes it.")
            hashes[found["hash"]] = found["name"]
        self._hashes = hashes
