"""The endpoints: each with its parameters, its answer, and what it does."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import get_args

from aiohttp import web

import schemas
from schemas.codec import encode
from schemas.figure import Period, Scope
from streams.api import answers, cursor
from streams.api.facts import Filter
from streams.api.guard import PAGE_POLICY, admitted
from streams.api.knowledge import Knowledge
from streams.api.parameters import Parameter, Query, read
from streams.api.problems import Fault, ProblemError
from streams.api.stream import MEDIA_TYPE, Streams, Subscription, snapshot
from streams.api.tokens import Tokens
from streams.core.claims import FAMILY_OF
from streams.core.entities import place_names
from streams.observe.metrics.api import ApiMetrics

__all__ = ["DESCRIPTION", "ENDPOINTS", "Api", "Endpoint", "add_routes"]

PAGE = Path(__file__).with_name("page")
DESCRIPTION = Path(schemas.__file__).with_name("openapi.json")
AHEAD_SECONDS = 2.0
LOOK_SECONDS = 0.1
_FILE = re.compile(r"[a-z0-9-]+\.(?:css|js|svg|png)")
_JSON = "application/json"

_FILTER = (
    Parameter(name="level", about="Alerts of this level, or that had it when they ended.", many=True),
    Parameter(name="rule", about="Alerts of the rule with this id.", many=True),
    Parameter(name="place", about="Alerts of this place, or of one within it.", many=True),
    Parameter(
        name="label",
        about="Alerts with this label of the rule or the group, as in `team=migration`; all must hold.",
        kind="label",
        many=True,
    ),
)
_STATES = ("open", "ended", "pending", "all")
_STATE = Parameter(
    name="state",
    about="`open`: those that hold now. `all`: those that hold or have ended. `pending` ones wait for confirmation, and may pass silently.",
    choices=_STATES,
    default="open",
)
_LEAVES = Parameter(
    name="state", about="Events that leave an alert so. `all`: every event but those of pending alerts.", choices=_STATES, default="all"
)
_LIMIT = Parameter(name="limit", about="Most alerts in one answer.", kind="count", most=1_000, default=100)
_AFTER = Parameter(name="after", about="`next` of the answer before: what comes after it.", kind="page")
_CURSOR = Parameter(
    name="cursor", about="Where to go on: `cursor` of an answer, or the id of an event.", kind="cursor", longest=cursor.MAX_TEXT
)
_SERIES = (
    Parameter(
        name="indicator",
        about="What is counted; `/v1/series/names` has those that there are.",
        choices=tuple(sorted(FAMILY_OF)),
        required=True,
    ),
    Parameter(name="place", about="Figures of exactly this place."),
    Parameter(name="unit", about="Figures in this unit, as in `person`."),
    Parameter(
        name="per",
        about="Figures for this period: those that are stated so, and those that can be brought to it, as a rule would.",
        choices=get_args(Period),
    ),
    Parameter(name="scope", about="Totals, or parts of totals.", choices=get_args(Scope), default="total"),
    Parameter(name="from", about="Figures published at or after this time.", kind="moment"),
    Parameter(name="to", about="Figures published before this time.", kind="moment"),
    Parameter(name="limit", about="Most figures in one answer.", kind="count", most=5_000, default=1_000),
    _AFTER,
)
_PLACES = Parameter(name="id", about="A place: `US-TX`, `4705349` (GeoNames), `us-southwest-border`.", many=True)


class Api:
    """What the endpoints do."""

    def __init__(self, knowledge: Knowledge, streams: Streams, known: Tokens, metrics: ApiMetrics, *, max_streams: int) -> None:
        self.knowledge = knowledge
        self._streams = streams
        self._tokens = known
        self._metrics = metrics
        self._max_streams = max_streams

    async def alerts(self, _: web.Request, query: Query) -> web.StreamResponse:
        """Alerts as they are now, newest start first, and the cursor from which the stream goes on."""
        past = self.knowledge.past
        return _json(snapshot(past, past.page(_filter(query), limit=query["limit"], after=query["after"])))

    async def alert(self, request: web.Request, _: Query) -> web.StreamResponse:
        """One alert with its history; of a fingerprint, the last alert that it had."""
        episode = self.knowledge.past.episode(request.match_info["alert_id"])
        if episode is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "There is no alert with this id, or it ended too long ago.")
        history = b",".join(entry.json for entry in episode.entries)
        return _json(b'{"alert":' + episode.json + b',"history":[' + history + b"]}")

    async def stream(self, request: web.Request, query: Query) -> web.StreamResponse:
        """Alerts as they come, as Server-Sent Events.

        Each `alert` event has an alert as its data and a cursor as its id. With the header `Last-Event-ID`, or `cursor`, the stream goes
        on after that event, without a gap or a repetition. Where that cannot be, because what came since is no longer held, a `reset`
        event with the alerts as they are takes the place of what is lost. Every 15 s a remark says that the line is up.
        """
        if self._streams.count >= self._max_streams:
            self._metrics.refused.inc()
            detail = f"{self._max_streams} streams are open, and no more are allowed."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "10"})
        last = request.headers.get("Last-Event-ID")
        seen = cursor.read(last) if last else query["cursor"]
        if seen is not None:
            await self._catch_up(seen)
        subscription = Subscription.start(self.knowledge.past, _filter(query), query["limit"], seen, void=bool(last) and seen is None)
        if last or seen:
            self._metrics.resumes.labels("bad_cursor" if seen is None else "reset" if subscription.reset else "resumed").inc()
        return await self._streams.serve(request, subscription, lambda: admitted(request, self._tokens))

    async def _catch_up(self, seen: cursor.Cursor) -> None:
        """A client that comes from another server may be a little ahead of this one: wait for what it has seen, but not long."""
        for _ in range(int(AHEAD_SECONDS / LOOK_SECONDS)):
            if not self.knowledge.past.lacks(seen):
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def series(self, _: web.Request, query: Query) -> web.StreamResponse:
        """Reported figures of an indicator over time, the newest publication first."""
        found = self.knowledge.figures.find(
            indicator=query["indicator"],
            place=query["place"],
            unit=query["unit"],
            per=query["per"],
            scope=query["scope"],
            since=query["from"],
            before=query["to"],
            after=query["after"],
            limit=query["limit"],
        )
        return _json(encode(answers.Figures(figures=tuple(found.figures), next=found.next)))

    async def names(self, _: web.Request, __: Query) -> web.StreamResponse:
        """The series of which there are figures."""
        return _json(encode(answers.SeriesNames(series=tuple(self.knowledge.figures.names()))))

    async def places(self, _: web.Request, query: Query) -> web.StreamResponse:
        """The names of places by their ids, as they stand in alerts and figures."""
        named = ((place, place_names(place)) for place in query["id"])
        return _json(encode(answers.Places(places=tuple(answers.PlaceNames(id=place, names=names) for place, names in named if names))))

    async def rules(self, _: web.Request, __: Query) -> web.StreamResponse:
        """The live rules in force, with their thresholds."""
        return _json(encode(answers.rules_shown(self.knowledge.rules)))

    async def healthz(self, _: web.Request, __: Query) -> web.StreamResponse:
        """The process answers."""
        return _json(encode(answers.Status(status="alive")))

    async def readyz(self, _: web.Request, __: Query) -> web.StreamResponse:
        """Whether the history is rebuilt and Kafka answers."""
        known = self.knowledge
        status = answers.Status(status="rebuilding" if not known.rebuilt else "ready" if known.connected else "disconnected")
        return _json(encode(status), 200 if status.status == "ready" else 503)

    async def metrics(self, _: web.Request, __: Query) -> web.StreamResponse:
        """Metrics for Prometheus."""
        self.knowledge.measure()
        return web.Response(body=self._metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def openapi(self, _: web.Request, __: Query) -> web.StreamResponse:
        """This description."""
        return _json(_description())

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
    """One address. Its first line of documentation is the summary."""

    path: str
    does: Callable[[Api, web.Request, Query], Awaitable[web.StreamResponse]]
    answer: type | str
    """A record as JSON, or another media type."""
    parameters: tuple[Parameter, ...] = ()
    statuses: tuple[int, ...] = ()
    """Errors beside those that any address of its kind may answer."""

    @property
    def described(self) -> bool:
        """Is it for programs, and so in the OpenAPI document?"""
        return self.answer not in ("text/html", "*/*")

    @property
    def guarded(self) -> bool:
        """Is it about data: does it need a token where there are tokens, and the history?"""
        return self.path.startswith("/v1/")


ENDPOINTS = (
    Endpoint(path="/v1/alerts", does=Api.alerts, answer=answers.Alerts, parameters=(_STATE, *_FILTER, _LIMIT, _AFTER)),
    Endpoint(path="/v1/alerts/stream", does=Api.stream, answer=MEDIA_TYPE, parameters=(_LEAVES, *_FILTER, _LIMIT, _CURSOR)),
    Endpoint(path="/v1/alerts/{alert_id}", does=Api.alert, answer=answers.AlertHistory, statuses=(404,)),
    Endpoint(path="/v1/series", does=Api.series, answer=answers.Figures, parameters=_SERIES),
    Endpoint(path="/v1/series/names", does=Api.names, answer=answers.SeriesNames),
    Endpoint(path="/v1/places", does=Api.places, answer=answers.Places, parameters=(_PLACES,)),
    Endpoint(path="/v1/rules", does=Api.rules, answer=answers.Rules),
    Endpoint(path="/healthz", does=Api.healthz, answer=answers.Status),
    Endpoint(path="/readyz", does=Api.readyz, answer=answers.Status),
    Endpoint(path="/metrics", does=Api.metrics, answer="text/plain"),
    Endpoint(path="/openapi.json", does=Api.openapi, answer=_JSON),
    Endpoint(path="/", does=Api.page, answer="text/html"),
    Endpoint(path="/page/{name}", does=Api.file, answer="*/*", statuses=(404,)),
)


def add_routes(app: web.Application, api: Api) -> None:
    """Every endpoint, with its parameters checked before it is asked."""
    for endpoint in ENDPOINTS:
        app.router.add_get(endpoint.path, _checked(endpoint, api), allow_head=endpoint.answer != MEDIA_TYPE)  # HEAD of a stream never ends


def _checked(endpoint: Endpoint, api: Api) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(request: web.Request) -> web.StreamResponse:
        query = read(endpoint.parameters, request.query.items())
        if isinstance(query, list):
            raise _bad(*query)
        if endpoint.guarded and not api.knowledge.rebuilt:
            detail = "The history is being rebuilt from Kafka."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})
        return await endpoint.does(api, request, query)

    return handler


def _filter(query: Query) -> Filter:
    states = frozenset({"open", "ended"}) if query["state"] == "all" else frozenset({query["state"]})
    return Filter(states, frozenset(query["level"]), frozenset(query["rule"]), query["place"], query["label"])


def _bad(*faults: Fault) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "; ".join(f"{fault.name}: {fault.detail}" for fault in faults) + ".", *faults)


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type=_JSON)


@cache
def _description() -> bytes:
    """The document that `openapi.py` made of this module, which `make check` keeps current."""
    return DESCRIPTION.read_bytes()


def _file(name: str) -> web.StreamResponse:
    path = PAGE / name
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"})
