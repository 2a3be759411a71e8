"""Every error as an RFC 9457 problem: what is wrong, where, and what would be right."""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from schemas.codec import encode

__all__ = ["Fault", "Problem", "ProblemError", "answer"]

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a request: where it stands, its name there, and why it cannot be used."""

    where: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The body of every answer that is an error (RFC 9457, `application/problem+json`)."""

    type: str = "about:blank"
    title: str
    """The status in words."""
    status: int
    detail: str
    """A sentence for a person."""
    errors: tuple[Fault, ...] = ()
    """Where the request is wrong, part by part."""


class ProblemError(Exception):
    """The request ends with this problem. `headers` go with it."""

    def __init__(self, status: HTTPStatus, detail: str, *faults: Fault, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}


def answer(error: ProblemError) -> web.Response:
    """The problem as a response."""
    status = error.status
    problem = Problem(title=status.phrase, status=status.value, detail=error.detail, errors=error.faults)
    return web.Response(body=encode(problem), status=status.value, content_type=MEDIA_TYPE, headers=error.headers)
