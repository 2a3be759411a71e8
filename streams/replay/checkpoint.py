"""Where a replay stands: one file, written whole or not at all, in a folder beside the output."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from schemas.article import Moment
from schemas.codec import SchemaError, decode, encode
from streams.core.state import packed
from streams.replay.playing import State
from streams.replay.sources import ReplayError, Step

__all__ = ["Checkpoint", "Kept", "kept", "load", "save", "state_of"]

NAME = "checkpoint.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The state of one partition. Values are JSON, so they are text."""

    partition: int
    at: Moment | None
    keys: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Checkpoint:
    """`asked` is what the replay was asked for: only the same replay may go on from it.

    `step` is what is in work: articles being read into `runs`, or alerts being written, of which `written` bytes are good.
    `position` counts in that step: of the source (articles being read, or claims being watched), or entries of the runs.
    """

    schema: Literal["replay/1"] = "replay/1"
    asked: dict[str, Any]
    begin: dict[str, int] = field(default_factory=dict)
    end: dict[str, int] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    step: Step = "read"
    position: dict[str, int] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    state: list[Kept] = field(default_factory=list)
    written: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def load(folder: Path, asked: dict[str, Any]) -> Checkpoint | None:
    """What is in `folder`; None where nothing is. ReplayError where it is of another replay, or no checkpoint."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        found = decode(path.read_bytes(), Checkpoint)
    except SchemaError as error:
        raise ReplayError(f"{path} is no checkpoint ({error}): remove {folder} to begin anew.") from None
    if encode(found.asked) != encode(asked):
        changed = sorted(name for name in asked.keys() | found.asked.keys() if encode(asked.get(name)) != encode(found.asked.get(name)))
        raise ReplayError(f"{folder} belongs to another replay (other: {', '.join(changed)}): remove it, or write to another file.")
    return found


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace what is in `folder`."""
    beside = folder / (NAME + ".new")
    beside.write_bytes(encode(checkpoint))
    beside.replace(folder / NAME)


def kept(state: State) -> list[Kept]:
    """`state` as it is written."""
    return [
        Kept(partition=partition, at=at, keys={key: packed(value).decode() for key, value in store.items()})
        for partition, (at, store) in sorted(state.items())
    ]


def state_of(parts: list[Kept]) -> State:
    """And back."""
    return {part.partition: (part.at, {key: value.encode() for key, value in part.keys.items()}) for part in parts}
