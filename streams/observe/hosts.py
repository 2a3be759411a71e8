"""Under which names a process may be asked. A web page can have its own name resolve to this machine (DNS rebinding) and would then read
what is served here without a token; it cannot choose the header `Host` that its reader's browser sends.
"""

import re
from ipaddress import ip_address

from streams.config import Settings

__all__ = ["is_own", "own_names", "refusal"]

_HOST = re.compile(r"(?:\[([^\[\]]+)\]|([^:\[\]]+))(?::\d*)?")


def own_names(settings: Settings, bind: str) -> frozenset[str]:
    """The names of a process that is bound to `bind`."""
    return frozenset({"localhost", bind.casefold(), *settings.allowed_hosts.split(",")}) - {""}


def is_own(host: str, names: frozenset[str]) -> bool:
    """Is a `Host` one of `names`, with any port, or an address? No name is looked up for an address, so none can be rebound.

    >>> [is_own(one, frozenset({"localhost"})) for one in ("LOCALHOST:6068", "10.1.2.3", "[::1]:80", "evil.example", "localhost.evil", "")]
    [True, True, True, False, False, False]
    """
    found = _HOST.fullmatch(host)
    name = (found[1] or found[2]).casefold() if found else ""
    return "*" in names or name in names or _is_address(name)


def refusal(host: str) -> str:
    """What whoever asked under another name is told."""
    return f"This server does not answer under the name {host[:100]!r}: ask for its address, or add the name to its setting allowed_hosts."


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
