"""What a process shows on its own port: /metrics for Prometheus, /healthz and /readyz for supervisors, and a status page at /.

Only health is told to whoever asks under a name that is not the process's own.
"""

import errno
from collections.abc import Callable
from html import escape

from aiohttp import web

from streams.observe.hosts import is_own, refusal
from streams.observe.metrics.base import Metrics

IDLE_SECONDS = 15.0
Status = Callable[[], dict[str, str]]
"""Name -> value, as shown on the status page."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>newsgauge {name}</title>
<style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:44rem;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884;
vertical-align:top;overflow-wrap:anywhere}}th{{width:12rem;font-weight:600}}</style>
<h1>newsgauge {name}</h1><table>{rows}</table><p><a href="/metrics">metrics</a> · <a href="/readyz">readiness</a></p></html>"""


def port_advice(error: OSError, setting: str) -> str:
    """What to do about a port that cannot be had. `setting`: the name of its setting."""
    if error.errno == errno.EADDRINUSE:
        return f"another process has this port; every process of a machine needs a {setting} of its own"
    return error.strerror or str(error)


def runner_of(app: web.Application) -> web.AppRunner:
    """Serves the pages, and closes a connection on which no request comes for IDLE_SECONDS."""
    return web.AppRunner(app, access_log=None, keepalive_timeout=IDLE_SECONDS)


def application(name: str, metrics: Metrics, state: Callable[[], str], status: Status, hosts: frozenset[str]) -> web.Application:
    """The pages over what the process `name` knows, under the names `hosts`."""

    def checked(request: web.Request) -> None:
        host = request.headers.get("Host", "")
        if not is_own(host, hosts):
            raise web.HTTPMisdirectedRequest(text=refusal(host), headers=_HEADERS)

    async def page(request: web.Request) -> web.Response:
        checked(request)
        rows = "".join(f"<tr><th>{escape(title)}<td>{escape(value)}" for title, value in status().items())
        return web.Response(text=_PAGE.format(name=name, rows=rows), content_type="text/html", headers=_HEADERS)

    async def exposition(request: web.Request) -> web.Response:
        checked(request)
        return web.Response(body=metrics.page(), headers={**_HEADERS, "Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"}, headers=_HEADERS)

    async def readyz(_: web.Request) -> web.Response:
        now = state()
        return web.json_response({"status": now}, status=200 if now == "ready" else 503, headers=_HEADERS)

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/metrics", exposition), web.get("/healthz", healthz), web.get("/readyz", readyz)])
    return app
