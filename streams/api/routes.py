"""The endpoints: each with its parameters, its answer, and what it does."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

from schemas.codec import encode
from streams.api import cursor
from streams.api.facts import Filter
from streams.api.guard import PAGE_POLICY
from streams.api.knowledge import Knowledge
from streams.api.parameters import Parameter, Query, read
from streams.api.problems import Fault, ProblemError
from streams.api.stream import Streams, Subscription, snapshot

__all__ = ["ENDPOINTS", "Api", "Endpoint", "add_routes"]

PAGE = Path(__file__).with_name("page")
_FILE = re.compile(r"[a-z0-9-]+\.(?:css|js|svg|png)")

FILTER = (
    Parameter(name="level", about="Alerts of this level, or that had it when they ended.", many=True),
    Parameter(name="rule", about="Alerts of the rule with this id.", many=True),
    Parameter(name="place", about="Alerts of this place, or of one within it.", many=True),
    Parameter(
        name="label", about="Alerts with this label, of the rule or of the group: `team=migration`. All must hold.", kind="label", many=True
    ),
)
_STATES = ("open", "ended", "pending", "all")
LIST_STATE = Parameter(
    name="state",
    about="`open`: those that hold now. `all`: those that hold or have ended. `pending` ones wait for confirmation, and may pass unsaid.",
    choices=_STATES,
    default="open",
)
STREAM_STATE = Parameter(
    name="state", about="Events that leave an alert so. `all`: every event but of pending alerts.", choices=_STATES, default="all"
)
LIMIT = Parameter(name="limit", about="Most alerts in one answer.", kind="count", most=1_000, default=100)
AFTER = Parameter(name="after", about="`next` of the answer before: what comes after it.")
CURSOR = Parameter(name="cursor", about="Where to go on: the cursor of an answer, or the id of an event.", longest=cursor.MAX_TEXT)


class Api:
    """What the endpoints do."""

    def __init__(self, knowledge: Knowledge, streams: Streams, *, max_streams: int) -> None:
        self._knowledge = knowledge
        self._streams = streams
        self._max_streams = max_streams

    async def alerts(self, _: web.Request, query: Query) -> web.StreamResponse:
        """Alerts as they are now."""
        past = self._knowledge.past
        page = past.page(_filter(query), limit=query["limit"], after=query["after"])
        if page is None:
            raise _bad(Fault(where="query", name="after", detail="expected `next` of an earlier answer"))
        return _json(snapshot(past, page))

    async def alert(self, request: web.Request, _: Query) -> web.StreamResponse:
        """One alert with its history."""
        episode = self._knowledge.past.episode(request.match_info["alert_id"])
        if episode is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "There is no alert with this id, or it was long ago.")
        history = b",".join(entry.json for entry in episode.entries)
        return _json(b'{"alert":' + episode.json + b',"history":[' + history + b"]}")

    async def stream(self, request: web.Request, query: Query) -> web.StreamResponse:
        """Alerts as they come."""
        if self._streams.count >= self._max_streams:
            detail = f"{self._max_streams} streams are open, and no more are allowed."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "10"})
        asked, last = query["cursor"], request.headers.get("Last-Event-ID")
        if asked and cursor.read(asked) is None:
            raise _bad(Fault(where="query", name="cursor", detail="expected the cursor of an answer, or the id of an event"))
        seen = cursor.read(last or asked) if last or asked else None
        past = self._knowledge.past
        subscription = Subscription.start(past, _filter(query), query["limit"], seen, void=bool(last) and seen is None)
        return await self._streams.serve(request, subscription, request["cors"])

    async def healthz(self, _: web.Request, __: Query) -> web.StreamResponse:
        """The process is alive."""
        return _json(encode({"status": "alive"}))

    async def readyz(self, _: web.Request, __: Query) -> web.StreamResponse:
        """Whether the history is rebuilt and the broker answers."""
        known = self._knowledge
        status = "rebuilding" if not known.rebuilt else "ready" if known.connected else "disconnected"
        return _json(encode({"status": status}), 200 if status == "ready" else 503)

    async def page(self, _: web.Request, __: Query) -> web.StreamResponse:
        """The live page."""
        return _file("index.html")

    async def file(self, request: web.Request, _: Query) -> web.StreamResponse:
        """A file of the live page."""
        name = request.match_info["name"]
        if _FILE.fullmatch(name) is None:
            raise web.HTTPNotFound
        return _file(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address."""

    path: str
    answer: Callable[[Api, web.Request, Query], Awaitable[web.StreamResponse]]
    parameters: tuple[Parameter, ...] = ()
    waits: bool = True
    """Does it need the history?"""


ENDPOINTS = (
    Endpoint(path="/v1/alerts", answer=Api.alerts, parameters=(LIST_STATE, *FILTER, LIMIT, AFTER)),
    Endpoint(path="/v1/alerts/stream", answer=Api.stream, parameters=(STREAM_STATE, *FILTER, LIMIT, CURSOR)),
    Endpoint(path="/v1/alerts/{alert_id}", answer=Api.alert),
    Endpoint(path="/healthz", answer=Api.healthz, waits=False),
    Endpoint(path="/readyz", answer=Api.readyz, waits=False),
    Endpoint(path="/", answer=Api.page, waits=False),
    Endpoint(path="/page/{name}", answer=Api.file, waits=False),
)


def add_routes(app: web.Application, api: Api, knowledge: Knowledge) -> None:
    """Every endpoint, with its parameters checked before it is asked."""
    for endpoint in ENDPOINTS:
        app.router.add_get(endpoint.path, _checked(endpoint, api, knowledge))


def _checked(endpoint: Endpoint, api: Api, knowledge: Knowledge) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(request: web.Request) -> web.StreamResponse:
        query = read(endpoint.parameters, request.query.items())
        if isinstance(query, list):
            raise _bad(*query)
        if endpoint.waits and not knowledge.rebuilt:
            detail = "The history is being rebuilt from Kafka."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})
        return await endpoint.answer(api, request, query)

    return handler


def _filter(query: Query) -> Filter:
    states = frozenset({"open", "ended"}) if query["state"] == "all" else frozenset({query["state"]})
    return Filter(states, frozenset(query["level"]), frozenset(query["rule"]), query["place"], query["label"])


def _bad(*faults: Fault) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "; ".join(f"{fault.name}: {fault.detail}" for fault in faults) + ".", *faults)


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def _file(name: str) -> web.StreamResponse:
    path = PAGE / name
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"})
