"""Settings: one model, read from flags, the environment (`NEWSGAUGE_*`) and one TOML file, in that order of precedence.

What is wrong is said by key, by where it was set and by what was expected; nothing that is set is ignored in silence.
`python -m streams.config` writes the table in docs/configuration.md.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from streams.core.effort import Entities

__all__ = ["ConfigError", "Settings", "load", "reference"]

PREFIX = "NEWSGAUGE_"
FILE = Path("newsgauge.toml")
FILE_VARIABLE = PREFIX + "CONFIG"
MARKED = re.compile(r"(<!-- settings -->\n)(.*?)(<!-- end of settings -->)", re.S)
_RULES = (Path(__file__).parents[1] / "deploy" / "rules" / "migration.yaml", Path(__file__).with_name("migration.yaml"))
DEFAULT_RULES = next((path for path in _RULES if path.is_file()), _RULES[0])
"""In the source tree where it stands; in an installed wheel a copy beside this module."""


class ConfigError(Exception):
    """The configuration cannot be used; one sentence a problem."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))


class Settings(BaseModel):
    """Everything that an operator may set. Read it with `load`; a Settings that exists is valid."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    bootstrap: str = Field(default="127.0.0.1:9092", description="Kafka brokers to ask first: `host:port`, several with commas.")
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=100,
        description="Stands before the name of every topic and of the consumer group, so that two environments share a broker.",
    )
    partitions: int = Field(default=8, ge=1, le=1000, description="Partitions of each topic that is created; all topics of the flow alike.")
    replication_factor: int = Field(default=1, ge=1, le=15, description="Replicas of each topic that is created.")
    group: str = Field(default="newsgauge", pattern=r"^[A-Za-z0-9._-]+$", description="Consumer group of the workers (after the prefix).")
    rules: Path = Field(default=DEFAULT_RULES, description="The rule file.")
    names: Path | None = Field(default=None, description="TOML file of places and offices of your own ([entities.md](entities.md)).")
    entities: Entities = Field(
        default="model_on_claims",
        description="How people, organisations and places are recognised ([entities.md](entities.md)): not at all, by the gazetteer alone, "
        "or also by a model, in sentences that carry a claim or in the whole text. A model needs the extra `model`.",
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How to talk to the brokers."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(default="PLAIN", description="How to log in, with `SASL_*`.")
    sasl_username: str | None = Field(default=None, description="User name, with `SASL_*`.")
    sasl_password: SecretStr | None = Field(
        default=None, description="Password, with `SASL_*`. Better in the environment than in the file."
    )
    ssl_ca: Path | None = Field(
        default=None, description="PEM file of the authorities to trust, with `*SSL`; without it those of the system."
    )
    ssl_cert: Path | None = Field(default=None, description="PEM file of this client's certificate, with `*SSL`.")
    ssl_key: Path | None = Field(default=None, description="PEM file of that certificate's key.")
    ssl_key_password: SecretStr | None = Field(default=None, description="Password of that key.")
    receivers: Path | None = Field(default=None, description="The file of receivers and routes of `newsgauge notify`.")
    notify_group: str = Field(
        default="newsgauge-notify", pattern=r"^[A-Za-z0-9._-]+$", description="Consumer group of the notifiers (after the prefix)."
    )
    notify_port: int = Field(
        default=6067, ge=0, le=65535, description="Port on which a notifier serves its metrics and health. 0: a free one."
    )
    web_bind: str = Field(default="127.0.0.1", description="Address on which workers and notifiers serve their metrics and health.")
    web_port: int = Field(
        default=6066,
        ge=0,
        le=65535,
        description="Port on which a worker serves them, its own for each worker of a machine. 0: a free one; the log says which.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Names by which workers, notifiers and an API without tokens may be asked (the header `Host`), beside addresses, "
        "`localhost` and the name that they bind to: `news1.internal`, several with commas; `*` for any.",
    )
    api_bind: str = Field(default="127.0.0.1", description="Address at which `newsgauge api` serves.")
    api_port: int = Field(default=6068, ge=1, le=65535, description="Port of the same.")
    api_tokens: Path | None = Field(
        default=None,
        description="File of those who may ask the API, as `newsgauge token` writes it; without it everybody may who can reach it.",
    )
    api_cors: str = Field(
        default="", description="Origins whose pages may read the API: `https://desk.example`, several with commas; `*` for all."
    )
    api_history_days: int = Field(default=30, ge=1, le=366, description="Days of alerts and figures that the API holds, by when they came.")
    api_max_alerts: int = Field(default=20_000, ge=100, description="Most events of alerts that the API holds, the newest; some 4 kB each.")
    api_max_figures: int = Field(default=50_000, ge=100, description="Most figures that the API holds, the newest; some 2 kB each.")
    api_max_streams: int = Field(default=2_000, ge=1, description="Most streams that are open at a time.")
    reported_values: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Most series of `newsgauge_reported_value`, the figures reported last, that a worker exposes; 0: none.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="What the processes log.")
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="How the processes log: lines for people, or JSON lines; `auto`: JSON where no terminal reads it."
    )
    dead_letter_limit: int = Field(
        default=100, ge=1, description="A worker that has met more unexpected exceptions than this stops. Malformed input does not count."
    )
    max_text: int = Field(default=1_000_000, ge=1, description="Longest text of an article, in characters; a longer one is a dead letter.")
    max_message_bytes: int = Field(default=8_388_608, ge=1024, description="Largest record in `articles`, in bytes.")

    @field_validator("bootstrap")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for address in value.split(","):
            found = re.fullmatch(r"\s*(?:\[[0-9A-Fa-f:]+\]|[^\s:,\[\]]+):(\d{1,5})\s*", address, re.ASCII)
            if found is None or not 0 < int(found[1]) < 65_536:
                raise ValueError("expected host:port, several with commas")
        return ",".join(address.strip() for address in value.split(","))

    @field_validator("api_cors")
    @classmethod
    def _origins(cls, value: str) -> str:
        origins = [origin.strip() for origin in value.split(",") if origin.strip()]
        if not all(origin == "*" or re.fullmatch(r"https?://[^\s/?#,]+", origin) for origin in origins):
            raise ValueError("expected origins such as https://desk.example, several with commas")
        return ",".join(origins)

    @field_validator("allowed_hosts")
    @classmethod
    def _names(cls, value: str) -> str:
        names = [name.strip().casefold() for name in value.split(",") if name.strip()]
        if not all(name == "*" or re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", name) for name in names):
            raise ValueError("expected names without a port, such as news1.internal, several with commas")
        return ",".join(names)

    @field_validator("ssl_ca", "ssl_cert", "ssl_key", "rules", "names", "receivers", "api_tokens")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @model_validator(mode="after")
    def _security(self) -> Self:
        sasl = self.security_protocol.startswith("SASL")
        if sasl and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError(f"security_protocol {self.security_protocol} needs sasl_username and sasl_password")
        if not sasl and (self.sasl_username is not None or self.sasl_password is not None):
            raise ValueError(f"sasl_username and sasl_password have no use with security_protocol {self.security_protocol}")
        if not self.security_protocol.endswith("SSL") and (self.ssl_ca or self.ssl_cert or self.ssl_key):
            raise ValueError(f"ssl_ca, ssl_cert and ssl_key have no use with security_protocol {self.security_protocol}")
        if (self.ssl_cert is None) != (self.ssl_key is None):
            raise ValueError("ssl_cert and ssl_key go together")
        if self.ssl_key_password is not None and self.ssl_key is None:
            raise ValueError("ssl_key_password has no use without ssl_key")
        return self

    @property
    def consumer_group(self) -> str:
        """The workers' consumer group on the broker."""
        return self.topic_prefix + self.group


@dataclass(frozen=True, slots=True)
class _Given:
    """A value with where it was set."""

    value: Any
    where: str


def load(flags: Mapping[str, Any] | None = None, *, file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. Precedence: `flags` (those not None), environment, file, default.

    The file is `file`, else the one that NEWSGAUGE_CONFIG names, else newsgauge.toml in the working directory if there is one.
    An environment variable that is empty counts as not set; a relative path in the file is relative to the file.
    Raises ConfigError with every problem found.
    """
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    given = _from_file(_find_file(file, environ), problems)
    given |= _from_environment(environ, problems)
    given |= {key: _Given(value, f"The flag {_flag(key)}") for key, value in (flags or {}).items() if value is not None}
    if problems:
        raise ConfigError(*problems)
    try:
        return Settings(**{key: item.value for key, item in given.items()})
    except ValidationError as error:
        raise ConfigError(*(_sentence(fault, given) for fault in error.errors())) from None


def _flag(key: str) -> str:
    """The flag of a setting: it leaves out the name of its command (`--port` of `newsgauge api` sets api_port)."""
    return "--" + re.sub("^(?:api|notify)_", "", key).replace("_", "-")


def _find_file(file: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read. ConfigError where one was named that is not there."""
    named = file or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    if named is None:
        return FILE if FILE.is_file() else None
    if not named.is_file():
        raise ConfigError(f"The configuration file {named} does not exist (named by {'--config' if file else FILE_VARIABLE}).")
    return named


def _from_file(path: Path | None, problems: list[str]) -> dict[str, _Given]:
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The configuration file {path} cannot be read: {error}.") from None
    known = Settings.model_fields
    problems += [f"{path} sets {key}, which is no setting{_nearest(key, '')}" for key in values if key not in known]
    return {key: _Given(_beside(path, key, value), f"The key {key} in {path}") for key, value in values.items() if key in known}


def _beside(path: Path, key: str, value: Any) -> Any:
    """A relative path in a file is relative to that file."""
    is_path = isinstance(value, str) and Path in (annotation := Settings.model_fields[key].annotation, *get_args(annotation))
    return path.parent / value if is_path else value


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, _Given]:
    given = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name == FILE_VARIABLE or not value:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key in Settings.model_fields and name == PREFIX + key.upper():
            given[key] = _Given(value, f"The environment variable {name}")
        else:
            problems.append(f"The environment sets {name}, which is no setting{_nearest(key, PREFIX)}")
    return given


def _nearest(key: str, prefix: str) -> str:
    """The end of a sentence on a name that does not exist: the nearest that does, where there is one."""
    found = difflib.get_close_matches(key.lower(), Settings.model_fields, n=1)
    return f"; did you mean {(prefix + found[0]).upper() if prefix else found[0]}?" if found else "."


def _sentence(fault: Mapping[str, Any], given: Mapping[str, _Given]) -> str:
    """One fault that pydantic found, with where the value was set. A secret's value is not repeated."""
    expected = str(fault["msg"]).removeprefix("Value error, ")
    expected = expected[:1].lower() + expected[1:]
    if not fault["loc"]:
        return f"The settings do not fit together: {expected}."
    key = str(fault["loc"][0])
    item = given[key]
    shown = "" if SecretStr in get_args(Settings.model_fields[key].annotation) else f" is {str(item.value)!r}"
    return f"{item.where}{shown}: {expected}."


def reference() -> str:
    """The table of all settings, in Markdown."""
    rows = [
        f"| `{key}` | `{PREFIX}{key.upper()}` | {_default(field)} | {_meaning(field)} |" for key, field in Settings.model_fields.items()
    ]
    return "\n".join(["| key in the file | environment | default | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _default(field: FieldInfo) -> str:
    match field.default:
        case None | "":
            return ""
        case Path() as path:
            return f"`{path.relative_to(Path(__file__).parents[1])}`"
        case value:
            return f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    return f"{field.description} One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else field.description or ""


def _write(page: Path) -> None:
    """Puts the table into the page, between its two markers."""
    page.write_text(MARKED.sub(lambda found: found[1] + reference() + found[3], page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    _write(Path(__file__).parents[1] / "docs" / "configuration.md")
