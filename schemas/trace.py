"""W3C Trace Context: the header `traceparent` of a record goes on with what comes of the record.

Only what the specification allows is carried (https://www.w3.org/TR/trace-context/); anything else is dropped, as it demands.
"""

import re
from collections.abc import Iterable

__all__ = ["EXTENSION", "HEADER", "traceparent"]

HEADER = "traceparent"
"""The name of the header on records of every topic."""
EXTENSION = "ce_traceparent"
"""The same as an attribute of a CloudEvent (its extension Distributed Tracing), beside the header on alerts."""
LONGEST = 512
_FORM = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[ -~]*)?")


def traceparent(headers: Iterable[tuple[str, bytes | None]]) -> bytes | None:
    """The trace context that `headers` carry; None where they carry none, more than one, or one that is not valid."""
    given = [value for name, value in headers if name == HEADER]
    if len(given) != 1 or given[0] is None or len(given[0]) > LONGEST:
        return None
    found = _FORM.fullmatch(given[0])
    return given[0] if found and not (found[1] == b"00" and found[2]) else None
