"""YAML files that people write, checked against a model: what they say, or every fault with its line and column.

Nothing is skipped in silence: a key that the model does not know is a fault, and where a known one is near, it is named.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Path = tuple[str | int, ...]
"""The keys and places from the top of the file to a node."""


class Part(BaseModel):
    """What every model of such a file is: closed and unchangeable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, arbitrary_types_allowed=True)


M = TypeVar("M", bound=Part)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Written(Generic[M]):
    """A file that could be read: its contents, and where they stand."""

    file: str
    content: M
    tree: Any

    def fault(self, path: Path, message: str) -> Fault:
        """A fault at the node of `path`."""
        return Fault(self.file, *_place(self.tree, path), message)


def load(text: str, model: type[M], *, file: str) -> Written[M] | tuple[Fault, ...]:
    """The contents of `text` as `model`, or all its faults."""
    try:
        tree = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return (Fault(file, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, str(error.problem or "not YAML")),)
    except (YAMLError, ValueError) as error:  # a character that YAML has not; a date that is none
        return (Fault(file, 1, 1, " ".join(str(error).split()) or "not YAML"),)
    except RecursionError:
        return (Fault(file, 1, 1, "too deeply nested"),)
    try:
        return Written(file, model.model_validate(tree), tree)
    except ValidationError as error:
        return tuple(_fault(file, tree, model, issue) for issue in error.errors())


def suggest(name: str, known: Any) -> str:
    """What was meant, where one of the `known` names is near; else nothing."""
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _fault(file: str, tree: Any, model: type[Part], issue: Any) -> Fault:
    path = tuple(issue["loc"])
    message = issue["msg"].removeprefix("Value error, ")
    if issue["type"] == "extra_forbidden":
        message = f"unknown key {path[-1]!r}{suggest(str(path[-1]), _keys(model, path))}"
    elif issue["type"] == "model_type":
        message = "keys and values are expected here"
    elif issue["type"] == "missing":
        message = f"{path[-1]!r} is missing"
    return Fault(file, *_place(tree, path), message)


def _keys(model: Any, path: Path) -> list[str]:
    """The keys that may stand where the last key of `path` stands."""
    for step in path[:-1]:
        if isinstance(step, str):
            fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
            model = _model(fields.get(step))
            if model is None:
                return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model(annotation: Any) -> Any:
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _place(tree: Any, path: Path) -> tuple[int, int]:
    """Line and column (from 1) of the node at `path`, or of the nearest node above it."""
    line, column, node = 0, 0, tree
    for step in path:
        try:
            line, column = node.lc.key(step) if isinstance(step, str) else node.lc.item(step)
            node = node[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1, column + 1
