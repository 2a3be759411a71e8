"""TLS and passwords, against a real Apache Kafka that asks for both."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from streams.brokers import kafka as broker_module
from streams.brokers.kafka import KafkaBroker
from streams.brokers.node import Ports, free_ports, write_settings
from streams.config import load
from streams.kafka import Admin, KafkaClientError, Writer, read, translated

USER, PASSWORD, STORE_PASSWORD = "newsgauge", "correct-horse", "battery-staple"

GUARDED = """
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller},GUARDED://127.0.0.1:{guarded}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker},GUARDED://127.0.0.1:{guarded}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL
inter.broker.listener.name=PLAINTEXT
listener.name.guarded.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.guarded.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.guarded.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.guarded.ssl.keystore.type=PKCS12
listener.name.guarded.ssl.keystore.location={store}
listener.name.guarded.ssl.keystore.password={store_password}
"""


def certificate(home: Path) -> tuple[Path, Path]:
    """A key store with a certificate for 127.0.0.1, and the certificate as PEM, both made by Java's keytool."""
    keytool = shutil.which("keytool") or str(Path(str(shutil.which("java"))).resolve().parent / "keytool")
    store, pem = home / "store.p12", home / "ca.pem"
    common = ["-keystore", str(store), "-storepass", STORE_PASSWORD, "-alias", "broker"]
    made = ["-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", "SAN=ip:127.0.0.1", "-validity", "30", "-storetype", "PKCS12"]
    subprocess.run([keytool, *made, *common], check=True, capture_output=True)
    subprocess.run([keytool, "-exportcert", "-rfc", "-file", str(pem), *common], check=True, capture_output=True)
    return store, pem


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings (as environment) of a client that such a broker lets in by SCRAM-SHA-512."""
    home = tmp_path_factory.mktemp("guarded")
    store, pem = certificate(home)
    port = free_ports(None).broker

    def with_guard(where: Path, ports: Ports) -> Path:
        path = write_settings(where, ports)
        known = {"broker": ports.broker, "controller": ports.controller, "guarded": port}
        lines = GUARDED.format(**known, user=USER, password=PASSWORD, store=store, store_password=STORE_PASSWORD)
        path.write_text(path.read_text() + lines)  # of a key given twice the last holds
        return path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(broker_module, "write_settings", with_guard)
        with KafkaBroker() as broker:
            make_users(broker.bootstrap)
            yield {
                "NEWSGAUGE_BOOTSTRAP": f"127.0.0.1:{port}",
                "NEWSGAUGE_SECURITY_PROTOCOL": "SASL_SSL",
                "NEWSGAUGE_SASL_MECHANISM": "SCRAM-SHA-512",
                "NEWSGAUGE_SASL_USERNAME": USER,
                "NEWSGAUGE_SASL_PASSWORD": PASSWORD,
                "NEWSGAUGE_SSL_CA": str(pem),
            }


def make_users(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for kind in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):  # one at a time: a user may be altered once a request
        wanted: list[Any] = [UserScramCredentialUpsertion(USER, ScramCredentialInfo(kind, 4096), PASSWORD.encode())]
        for settled in admin.alter_user_scram_credentials(wanted).values():
            settled.result(20)


@pytest.mark.kafka
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_topics_records_and_reading_work_behind_tls_and_a_password(guarded: dict[str, str], unique: str, mechanism: str) -> None:
    settings = load({"topic_prefix": f"{unique}.", "partitions": 1, "sasl_mechanism": mechanism}, environ=guarded)
    async with Admin(settings) as admin:
        await admin.create()
        assert await admin.check() == []
    async with Writer(settings) as writer:
        await writer.write(f"{unique}.articles", b"secret", done=lambda fault: None)
    assert [record.value async for record in read(settings, f"{unique}.articles", start="beginning")] == [b"secret"]


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"NEWSGAUGE_SASL_PASSWORD": "wrong"}, r"refused|[Aa]uthentication"),
        ({"NEWSGAUGE_SSL_CA": ""}, "certificate verify failed"),
    ],
)
async def test_why_a_client_is_not_let_in_is_said(guarded: dict[str, str], change: dict[str, str], words: str) -> None:
    settings = load(environ=guarded | change)
    with pytest.raises(KafkaClientError, match=words) as error, translated(settings):
        async with Admin(settings):
            pass
    assert settings.bootstrap in str(error.value)
    assert PASSWORD not in str(error.value)


def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    settings = load(environ={"NEWSGAUGE_SECURITY_PROTOCOL": "SSL", "NEWSGAUGE_SSL_CA": str(tmp_path / "ca.pem")})
    with pytest.raises(KafkaClientError, match=r"The certificates cannot be used \(.*ca\.pem\)"):
        Admin(settings)
