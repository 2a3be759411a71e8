"""The country for whose readers an article was written, as far as its address tells."""

import re

from streams.core import lexicon
from streams.core.entities.names import places

__all__ = ["home"]

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#:]+)", re.IGNORECASE)
_ELSEWHERE = frozenset(lexicon.table("towns")["domains"]["anywhere"])


def home(url: str | None) -> str | None:
    """ISO 3166-1 alpha-2 of the country whose domain the address has ("GB" of example.co.uk); None for all others."""
    found = _HOST.match(url or "")
    domain = found[1].rstrip(".").rpartition(".")[2].upper() if found is not None else ""
    country = "GB" if domain == "UK" else domain
    return country if domain not in _ELSEWHERE and country in places() else None
