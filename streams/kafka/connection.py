"""What every client of the brokers is given, and what can go wrong on the way, as sentences."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import AuthenticationFailedError, KafkaConnectionError, KafkaError, KafkaTimeoutError

from streams.config import Settings

__all__ = ["KafkaClientError", "client_options", "stopped", "translated"]

LASTING_SECONDS = 5.0
AGAIN_SECONDS = 60.0
STOP_SECONDS = 5.0


class KafkaClientError(Exception):
    """Kafka could not do what was asked; the message is a sentence for a person."""


def client_options(settings: Settings, *, client_id: str = "newsgauge") -> dict[str, Any]:
    """The options that aiokafka's consumer, producer and admin client all take. KafkaClientError where a certificate cannot be used."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "client_id": client_id,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.startswith("SASL") and settings.sasl_password is not None:
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    return options


async def stopped(client: AIOKafkaConsumer | AIOKafkaProducer | None) -> None:
    """End a client. One that cannot say goodbye is left; where the broker is away it raises CancelledError out of its own retries."""
    if client is None:
        return
    try:
        await asyncio.wait_for(client.stop(), STOP_SECONDS)
    except (KafkaError, OSError, TimeoutError):
        pass
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) and task.cancelling():
            raise


def _tls(settings: Settings) -> ssl.SSLContext:
    """Checks the broker's certificate and name; shows ours where one is set."""
    password = settings.ssl_key_password.get_secret_value() if settings.ssl_key_password else ""
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca)
        if settings.ssl_cert is not None:
            context.load_cert_chain(settings.ssl_cert, settings.ssl_key, password=password)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(str(file) for file in (settings.ssl_ca, settings.ssl_cert, settings.ssl_key) if file)
        raise KafkaClientError(f"The certificates cannot be used ({files}): {error}.") from None
    return context


class _LastWords(logging.Handler):
    """Keeps the last thing that aiokafka logged: the only place where it says why it could not connect.

    It goes on trying for ever, ten times a second; `warn` hears of that when it has lasted, and then now and again.
    """

    def __init__(self, warn: Callable[[str], None] | None) -> None:
        super().__init__(logging.WARNING)
        self.text = ""
        self._warn = warn
        self._since = self._last = monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()
        now = monotonic()
        if now - self._last > LASTING_SECONDS:
            self._since = now
        self._last = now
        if self._warn and now - self._since > LASTING_SECONDS:
            self._warn(self.text)
            self._since = now + AGAIN_SECONDS


@contextlib.contextmanager
def translated(settings: Settings, warn: Callable[[str], None] | None = None) -> Iterator[None]:
    """Turns the errors of aiokafka into a KafkaClientError that says what to look at, and keeps its log from the terminal.

    `warn` is told of trouble that lasts while aiokafka goes on trying.
    """
    words, log = _LastWords(warn), logging.getLogger("aiokafka")
    propagate, log.propagate = log.propagate, False
    log.addHandler(words)
    try:
        yield
    except KafkaError as error:
        raise KafkaClientError(_sentence(error, settings, words.text)) from error
    finally:
        log.removeHandler(words)
        log.propagate = propagate


def _sentence(error: KafkaError, settings: Settings, words: str) -> str:
    said = f" The client says: {words}." if words else ""
    match error:
        case AuthenticationFailedError():
            return f"Kafka at {settings.bootstrap} refused the login as {settings.sasl_username} ({settings.sasl_mechanism}): {error}."
        case KafkaConnectionError():
            way = f" with {settings.security_protocol}"
            return f"Kafka cannot be reached at {settings.bootstrap}{way}; is it running, and is the address right (--bootstrap)?{said}"
        case KafkaTimeoutError():
            return f"Kafka at {settings.bootstrap} did not answer in time.{said}"
        case _:
            return f"Kafka at {settings.bootstrap} answered: {str(error) or type(error).__name__}.{said}"
