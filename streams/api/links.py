"""Links out of articles, which are untrusted: what a browser may be given to follow."""

import re

__all__ = ["safe_url"]

_LINK = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)


def safe_url(url: object) -> str | None:
    """The link where it is http or https and has a host; null otherwise."""
    return url if isinstance(url, str) and _LINK.match(url) and url.isprintable() else None
