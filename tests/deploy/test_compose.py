"""docker-compose.yml and deploy/Dockerfile, as far as they can be judged without a Docker engine."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from streams.brokers.node import LIBS
from streams.cli.main import app
from streams.config import PREFIX, Settings, load
from streams.notify.file import Configuration
from streams.notify.service import configuration_of

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


OURS = ("worker", "api", "notifier")


def test_every_service_is_there() -> None:
    assert set(SERVICES) == {"kafka", *OURS, "prometheus", "grafana"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_port_is_bound_to_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), port


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_health_check_limits_and_no_privileges(name: str) -> None:
    service = SERVICES[name]
    assert "healthcheck" in service or (name in OURS and instructions("HEALTHCHECK"))
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


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_our_processes_are_valid_and_find_the_broker_inside(name: str, tmp_path: Path) -> None:
    """As the container has them: the image's environment and the service's, with each mount where the container has it."""
    from_image = dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())
    environment = from_image | SERVICES[name]["environment"]
    mounts = [mount.split(":") for mount in SERVICES[name].get("volumes", [])] + [["./deploy/rules", "/etc/newsgauge"]]
    for variable, value in environment.items():
        for source, target, *_ in mounts:
            if str(value).startswith(target + "/"):
                environment[variable] = str(ROOT / source) + value.removeprefix(target)
    settings = load(environ={variable: value for variable, value in environment.items() if variable.startswith(PREFIX)})
    inside = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")[0]
    assert inside == "INSIDE://" + settings.bootstrap
    assert settings.web_bind == settings.api_bind == "0.0.0.0"
    assert name != "notifier" or isinstance(configuration_of(settings), Configuration)


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_a_command_of_ours_and_asks_the_port_that_it_has(name: str) -> None:
    command = SERVICES[name].get("command", json.loads(instructions("CMD")[-1]))
    assert command == [{"worker": "worker", "api": "api", "notifier": "notify"}[name]]
    assert command[0] in getattr(typer.main.get_command(app), "commands")  # noqa: B009 - click's type has no such field
    port = int(SERVICES[name]["environment"].get("READY_PORT", re.findall(r"'READY_PORT', '(\d+)'", instructions("HEALTHCHECK")[0])[0]))
    assert port == Settings.model_fields[PORTS[name]].default
    assert str(port) in instructions("EXPOSE")[0].split()


PORTS = {"worker": "web_port", "api": "api_port", "notifier": "notify_port"}


def test_prometheus_scrapes_each_of_them() -> None:
    jobs = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    found = {job["dns_sd_configs"][0]["names"][0]: job["dns_sd_configs"][0]["port"] for job in jobs if "dns_sd_configs" in job}
    assert found == {name: Settings.model_fields[PORTS[name]].default for name in OURS}


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


def test_the_image_has_what_the_program_is_built_from() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = [source for line in instructions("COPY") for source in line.split()[:-1] if line.split()[-1] in (source, "./")]
    for source in (*built["packages"], *built["force-include"]):
        assert any(Path(source).is_relative_to(one) for one in copied), source


def test_the_image_gets_every_file_that_it_copies() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in instructions("COPY"):
        if line.startswith("--from="):
            continue
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in allowed, f".dockerignore keeps {source} away"
