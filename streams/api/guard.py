"""What stands before every request and behind every answer: tokens, names, origins, safe headers, and errors as problems."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from time import monotonic

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from streams.api.problems import ProblemError, answer
from streams.api.tokens import Tokens
from streams.observe.hosts import is_own, refusal
from streams.observe.metrics.api import ApiMetrics

__all__ = ["PAGE_POLICY", "admitted", "cors", "counted", "errors", "hosts", "safe_headers", "tokens"]

log = logging.getLogger(__name__)

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""For the page: its own files and this API, nothing else, nothing inline."""
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_SAFE = {
    "Content-Security-Policy": _DATA_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PREFLIGHT_SECONDS = 600


async def safe_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Given to every answer, unless it has its own."""
    for name, value in _SAFE.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "newsgauge"
    response.headers.update(request.get("shared", {}))


def counted(metrics: ApiMetrics) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Counts every answer as its head goes out, and how long that took."""

    async def count(request: web.Request, response: web.StreamResponse) -> None:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unknown"
        metrics.requests.labels(route, str(response.status)).inc()
        if (started := request.get("started")) is not None:
            metrics.seconds.labels(route).observe(monotonic() - started)

    return count


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is a problem."""
    request["started"] = monotonic()
    try:
        return await handler(request)
    except ProblemError as error:
        return answer(error)
    except web.HTTPException as error:
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        status = HTTPStatus(error.status)
        words = {404: f"There is nothing at {request.path[:200]}.", 405: f"{request.method[:20]} cannot be used here."}
        return answer(ProblemError(status, words.get(error.status, status.description or status.phrase), headers=allow))
    except ConnectionError:
        raise
    except Exception:
        log.exception("unexpected error at %s", request.path)
        return answer(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "The server met a fault of its own; its log has more."))


def tokens(known: Tokens) -> Middleware:
    """Asks for a token where tokens are needed: for data and metrics, not for the page, its state of health and the description."""

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_data(request) and not admitted(request, known):
            detail = "The token is not known." if _token(request) else "A token is needed: send the header `Authorization: Bearer TOKEN`."
            raise ProblemError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="newsgauge"'})
        return await handler(request)

    return checked


def hosts(names: frozenset[str]) -> Middleware:
    """Gives data and metrics only to who asks for this server by one of its names, or by an address."""

    @web.middleware
    async def named(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if _is_data(request) and not is_own(host, names):
            raise ProblemError(HTTPStatus.MISDIRECTED_REQUEST, refusal(host))
        return await handler(request)

    return named


def _is_data(request: web.Request) -> bool:
    return request.path.startswith("/v1/") or request.path == "/metrics"


def admitted(request: web.Request, known: Tokens) -> bool:
    """Is no token needed, or is that of the request known (still)?"""
    token = _token(request)
    return not known.needed or (token is not None and known.name(token) is not None)


def _token(request: web.Request) -> str | None:
    """The bearer token of a request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.casefold() == "bearer" else None


def cors(origins: frozenset[str]) -> Middleware:
    """Lets pages of these origins (`*`: of all) read the data."""

    def allowed(request: web.Request) -> Mapping[str, str]:
        origin = request.headers.get("Origin")
        if not origins or origin is None or not (origin in origins or "*" in origins):
            return {}
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}

    @web.middleware
    async def shared(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = allowed(request)
        if request.method == "OPTIONS" and given and "Access-Control-Request-Method" in request.headers:
            return web.Response(
                status=204,
                headers={
                    **given,
                    "Access-Control-Allow-Methods": "GET",
                    "Access-Control-Allow-Headers": "Authorization, Last-Event-ID",
                    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
                },
            )
        request["shared"] = given
        return await handler(request)

    return shared
