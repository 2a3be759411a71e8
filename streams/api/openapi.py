"""The OpenAPI 3.1 document of the API, generated into `schemas/openapi.json` from the endpoints and the records that they answer.

    python -m streams.api.openapi            writes the file
    python -m streams.api.openapi --check    says whether it is current; exit status 1 if not

The server serves the file, at `/openapi.json`. Source of the format: OpenAPI specification 3.1.1.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from schemas import publish
from streams.api import answers, figures, problems
from streams.api.parameters import Parameter
from streams.api.problems import Problem
from streams.api.routes import DESCRIPTION, ENDPOINTS, Endpoint

__all__ = ["document"]

Json = dict[str, Any]

_REF = "#/components/schemas/{name}"
_ERRORS = {
    400: "A parameter is wrong or unknown; `errors` says which, and why.",
    401: "A token is needed, or is not known.",
    404: "There is no such thing, or there was long ago.",
    421: "Without tokens the server is asked under names of its own: see its setting `allowed_hosts`.",
    503: "The history is being rebuilt, or too many streams are open. `Retry-After` says when to ask again.",
}
_LAST_EVENT_ID: Json = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The id of the last event seen; it wins over `cursor`. One that is not understood is answered by a `reset`.",
    "schema": {"type": "string"},
}


def document() -> Json:
    """The document as JSON data."""
    records = [endpoint.answer for endpoint in ENDPOINTS if isinstance(endpoint.answer, type)]
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "newsgauge",
            "version": "1.0.0",
            "description": "Alerts on the figures that the news reports, and the figures. Texts come out of articles: show them as text, "
            "never as markup. Unknown parameters are refused, so that a misspelt filter does not pass everything.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {endpoint.path: {"get": _operation(endpoint)} for endpoint in ENDPOINTS if endpoint.described},
        "components": {
            "schemas": publish.described([*records, Problem], (answers, figures, problems), ref=_REF),
            "responses": {f"Problem{status}": _problem(text) for status, text in _ERRORS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Only where the server has tokens."}},
        },
    }


def _operation(endpoint: Endpoint) -> Json:
    text = inspect.cleandoc(endpoint.does.__doc__ or "")
    summary, _, more = text.partition("\n\n")
    secured: Json = {"security": [{"token": []}, {}]} if endpoint.guarded or endpoint.path == "/metrics" else {}
    parameters = [*_in_path(endpoint.path), *map(_in_query, endpoint.parameters)]
    if any(parameter.name == "cursor" for parameter in endpoint.parameters):
        parameters.append(_LAST_EVENT_ID)
    return {
        "operationId": endpoint.does.__name__,
        "summary": " ".join(summary.split()),
        **({"description": " ".join(more.split())} if more else {}),
        **secured,
        "parameters": parameters,
        "responses": _responses(endpoint),
    }


def _responses(endpoint: Endpoint) -> Json:
    errors = {400, *endpoint.statuses, *({401, 421, 503} if endpoint.guarded else {401, 421} if endpoint.path == "/metrics" else set())}
    found: Json = {"200": {"description": "Done.", "content": _content(endpoint.answer)}}
    found |= {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(errors)}
    if endpoint.path == "/readyz":
        found["503"] = {"description": "Not ready: `status` says why.", "content": _content(endpoint.answer)}
    return found


def _content(answer: type | str) -> Json:
    if isinstance(answer, type):
        return {"application/json": {"schema": {"$ref": _REF.format(name=answer.__name__)}}}
    return {answer: {"schema": {"type": "object"} if answer == "application/json" else {"type": "string"}}}


def _problem(text: str) -> Json:
    schema = {"schema": {"$ref": _REF.format(name=Problem.__name__)}}
    return {"description": text, "content": {problems.MEDIA_TYPE: schema}}


def _in_path(path: str) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        **({"required": True} if parameter.required else {}),
        "schema": parameter.schema(),
    }


if __name__ == "__main__":
    sys.exit(publish.emit({DESCRIPTION: document()}, sys.argv[1:]))
