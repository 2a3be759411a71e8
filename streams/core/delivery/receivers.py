"""The file of receivers: who is told, over what, and which alerts go to whom. YAML in, a checked configuration out, or every fault.

Routes are those of Alertmanager: a tree of matchers, `continue`, and the receiver of the deepest route that matches. Secrets may stand
elsewhere: wherever one is expected, `{env: NAME}` and `{file: PATH}` name an environment variable or a file.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from schemas.delivery import Matcher
from streams.core.delivery.matchers import parse_matcher
from streams.core.delivery.retry import SCHEDULE
from streams.core.rules import Duration
from streams.core.yamlfile import Fault, Part, Path, Written, load, suggest

__all__ = ["Integration", "Receiver", "ReceiverFile", "Route", "Secret", "key_fault", "parse", "url_fault"]

Integration = Literal["newsgauge", "alertmanager", "slack", "apprise"]
"""How a receiver is told: the format of a webhook, or `apprise`."""
KEY_BYTES = range(24, 65)
"""Lengths of a signing key, as Standard Webhooks allows them."""
FORBIDDEN_HEADERS = frozenset({"content-length", "content-type", "host", "transfer-encoding", "connection", "traceparent"})


class Secret(Part):
    """A value that may stand elsewhere. Exactly one of the three is there."""

    value: str | None = Field(default=None, repr=False)
    env: str | None = None
    file: str | None = None

    @property
    def told(self) -> str:
        """Where it comes from, for messages; never the value."""
        return f"the environment variable {self.env}" if self.env else f"the file {self.file}" if self.file else "the value in the file"


def _secret(value: Any) -> Any:
    if isinstance(value, Secret):
        return value
    if isinstance(value, str) and value.strip():
        return Secret(value=value.strip())
    if isinstance(value, dict) and len(value) == 1:
        ((kind, name),) = value.items()
        if kind in ("env", "file") and isinstance(name, str) and name:
            return Secret(**{kind: name})
    raise ValueError("expected a text, or {env: NAME}, or {file: PATH}")


def _matcher(value: Any) -> Any:
    if not isinstance(value, str | Matcher):
        raise ValueError('expected a matcher such as level="critical"')
    return parse_matcher(value) if isinstance(value, str) else value


SecretText = Annotated[Secret, BeforeValidator(_secret)]
Matchers = tuple[Annotated[Matcher, BeforeValidator(_matcher)], ...]


class Receiver(Part):
    """One receiver. `type: webhook` with one of three formats, or `type: apprise`, which reaches chats and mail."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    type: Literal["webhook", "apprise"] = "webhook"
    url: SecretText
    format: Literal["newsgauge", "alertmanager", "slack"] = "newsgauge"
    keys: tuple[SecretText, ...] = Field(default=(), max_length=2)
    """Signing keys (`whsec_...`); two while one is replaced by the other."""
    headers: dict[str, SecretText] = Field(default_factory=dict)
    timeout: Duration = Field(default=10.0, ge=1, le=120)
    """Seconds from the connection to the answer's status."""
    allow_http: bool = False
    allow_private: bool = False
    """Whether addresses of the own network and machine may be called."""
    retry: tuple[Duration, ...] = Field(default=SCHEDULE, min_length=1, max_length=20)
    """Seconds to wait after each try that failed."""

    @property
    def integration(self) -> Integration:
        """The word for it in metrics and in the log of deliveries."""
        return "apprise" if self.type == "apprise" else self.format


class Route(Part):
    """A node of the tree of routes."""

    receiver: str | None = None
    """None: that of the route above."""
    matchers: Matchers = ()
    continue_: bool = Field(default=False, alias="continue")
    routes: tuple["Route", ...] = ()


class ReceiverFile(Part):
    """A file of receivers."""

    schema_: Literal[1] = Field(alias="schema")
    receivers: tuple[Receiver, ...] = Field(min_length=1)
    route: Route
    notices: tuple[str, ...] | None = None
    """Receivers that hear when another one is disabled; None: all the others."""

    def named(self, name: str) -> Receiver | None:
        """The receiver of that name."""
        return next((one for one in self.receivers if one.name == name), None)

    def told_of(self, disabled: str) -> tuple[Receiver, ...]:
        """Who hears that the receiver `disabled` is disabled."""
        names = {one.name for one in self.receivers} if self.notices is None else set(self.notices)
        return tuple(one for one in self.receivers if one.name in names - {disabled})


def parse(text: str, *, file: str) -> Written[ReceiverFile] | tuple[Fault, ...]:
    """The configuration of `text` with the places of what it says, or all its faults."""
    written = load(text, ReceiverFile, file=file)
    if not isinstance(written, Written):
        return written
    faults = (*_receiver_faults(written), *_route_faults(written))
    return faults or written


def _receiver_faults(written: Written[ReceiverFile]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, one in enumerate(written.content.receivers):
        at: Path = ("receivers", number)
        if one.name in seen:
            yield written.fault((*at, "name"), f"receiver {one.name!r} is there twice")
        seen.add(one.name)
        for field in ("format", "keys", "headers", "allow_http", "allow_private", "timeout"):
            if one.type == "apprise" and field in one.model_fields_set:
                yield written.fault((*at, field), f"{field!r} is for type webhook")
        for header in one.headers:
            if header.lower() in FORBIDDEN_HEADERS or header.lower().startswith("webhook-"):
                yield written.fault((*at, "headers", header), f"the header {header!r} is set by newsgauge itself")
            elif not header.replace("-", "").replace("_", "").isalnum() or not header.isascii():
                yield written.fault((*at, "headers", header), f"{header!r} is no name of a header")


def _route_faults(written: Written[ReceiverFile]) -> Iterator[Fault]:
    names = [one.name for one in written.content.receivers]
    root = written.content.route
    if root.receiver is None:
        yield written.fault(("route",), "the topmost route needs a receiver, for what no other route takes")
    if root.matchers:
        yield written.fault(("route", "matchers"), "the topmost route takes every alert: matchers belong to the routes under it")
    for at, route in _walk(root, ("route",)):
        if route.receiver is not None and route.receiver not in names:
            yield written.fault((*at, "receiver"), f"there is no receiver {route.receiver!r}{suggest(route.receiver, names)}")
    for number, name in enumerate(written.content.notices or ()):
        if name not in names:
            yield written.fault(("notices", number), f"there is no receiver {name!r}{suggest(name, names)}")


def _walk(route: Route, at: Path) -> Iterator[tuple[Path, Route]]:
    yield at, route
    for number, inner in enumerate(route.routes):
        yield from _walk(inner, (*at, "routes", number))


def url_fault(receiver: Receiver, url: str) -> str | None:
    """What is wrong with the address of a webhook, once it is known; None: nothing."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
        (parts.hostname or "").encode("idna")
    except ValueError:
        return "the URL cannot be read"
    if parts.scheme not in ("https", "http") or not parts.hostname or not port_ok or any(c.isspace() or not c.isprintable() for c in url):
        return "expected a URL that begins with https://"
    if parts.scheme == "http" and not receiver.allow_http:
        return "the URL is not https: alerts would travel in clear; `allow_http: true` allows it"
    return None


def key_fault(key: str) -> str | None:
    """What is wrong with a signing key, once it is known; None: nothing."""
    if not key.startswith("whsec_"):
        return "expected a signing key that begins with whsec_"
    try:
        raw = base64.b64decode(key.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return "what follows whsec_ is not base64"
    if len(raw) not in KEY_BYTES:
        return f"a signing key has {KEY_BYTES.start} to {KEY_BYTES.stop - 1} bytes, and this one has {len(raw)}"
    return None
