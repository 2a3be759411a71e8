"""docker-compose.yml and deploy/Dockerfile, as far as they can be judged without a Docker engine."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from streams.brokers.node import LIBS
from streams.config import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


def instructions(word: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(word).strip() for line in joined.splitlines() if line.startswith(word + " ")]


def settings_named(environment: dict[str, str]) -> set[str]:
    return {name for name in environment if name.startswith(PREFIX)}


def test_compose_is_valid_by_the_specification() -> None:
    schema = json.loads((ROOT / "tests" / "vendor" / "compose-spec.json").read_bytes())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []


def test_the_four_services_are_there() -> None:
    assert set(SERVICES) == {"kafka", "worker", "prometheus", "grafana"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_port_is_bound_to_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), port


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_health_check_limits_and_no_privileges(name: str) -> None:
    service = SERVICES[name]
    assert "healthcheck" in service or (name == "worker" and instructions("HEALTHCHECK"))
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_until_what_it_needs_is_healthy(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        assert needed in SERVICES
        assert how == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_mount_has_its_source(name: str) -> None:
    for mount in SERVICES[name].get("volumes", []):
        source, target, *mode = mount.split(":")
        assert target.startswith("/")
        if source.startswith("./"):
            assert (ROOT / source).is_dir(), source
            assert mode == ["ro"]
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_secret_has_a_value(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN", key):
            assert value.startswith("${") and ":?" in value, key


def test_grafana_has_no_administrator_and_visitors_only_look() -> None:
    environment = SERVICES["grafana"]["environment"]
    assert environment["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert environment["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert environment["GF_AUTH_BASIC_ENABLED"] == "false"


def test_the_workers_settings_exist() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    from_image = {pair.split("=")[0] for line in instructions("ENV") for pair in line.split()}
    assert settings_named(SERVICES["worker"]["environment"]) <= known
    assert {name for name in from_image if name.startswith(PREFIX)} <= known


def test_the_worker_finds_the_broker_inside() -> None:
    inside = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")[0]
    assert inside == "INSIDE://" + SERVICES["worker"]["environment"]["NEWSGAUGE_BOOTSTRAP"]


def test_kafka_is_the_version_that_the_tests_run_against() -> None:
    version = re.search(r"<artifactId>kafka_2\.13</artifactId>\s*<version>([\d.]+)</version>", (ROOT / "deploy/kafka/pom.xml").read_text())
    assert version is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version[1]}"


@pytest.mark.kafka
def test_the_images_own_program_takes_our_settings(tmp_path: Path) -> None:
    """The image turns KAFKA_* into server.properties and formats the storage by a class that is in Kafka's jar: run it."""
    folders = {name: tmp_path / name for name in ("default", "mounted", "final")}
    for folder in folders.values():
        folder.mkdir()
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (folders["default"] / name).touch()
    environment = {**SERVICES["kafka"]["environment"], "KAFKA_LOG_DIRS": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    arguments = [part for name, folder in folders.items() for part in (f"--{name}-configs-dir", str(folder))]
    command = ["java", "-cp", f"{LIBS}/*", "kafka.docker.KafkaDockerWrapper", "setup", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "meta.properties").exists()
    properties = (folders["final"] / "server.properties").read_text()
    assert "auto.create.topics.enable=false" in properties
    assert "advertised.listeners=INSIDE://kafka:19092,HOST://localhost:9092" in properties


def test_the_image_runs_as_nobody_in_particular_and_checks_its_health() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert "/readyz" in instructions("HEALTHCHECK")[0]
    assert DOCKERFILE.index("USER 10001") < DOCKERFILE.index("ENTRYPOINT")
    assert all("--no-dev" in line and "--frozen" in line for line in instructions("RUN") if "uv sync" in line)


def test_the_image_gets_every_file_that_it_copies() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in instructions("COPY"):
        if line.startswith("--from="):
            continue
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in allowed, f".dockerignore keeps {source} away"


def test_prometheus_scrapes_the_port_that_the_image_exposes() -> None:
    scrape = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"][0]["dns_sd_configs"][0]
    assert scrape["names"] == ["worker"]
    assert instructions("EXPOSE") == [str(scrape["port"])]
    assert scrape["port"] == Settings.model_fields["web_port"].default
