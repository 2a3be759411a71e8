# One target a job; every target does the set-up it needs, and that does nothing when there is nothing to do.
# ARGS goes to the command that a target runs: make demo ARGS=--once, make test ARGS='-k golden -x'.

SHELL := /bin/bash
.DEFAULT_GOAL := help
ARGS ?=
bin := .venv/bin

.PHONY: help setup demo test search check schemas format kafka eval

help: ## This list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Build .venv from nothing, with the command .venv/bin/newsgauge
	@deploy/setup/python

demo: setup ## Watch a news story become an alert; needs neither Docker nor Java
	@exec $(bin)/newsgauge demo $(ARGS)

test: check test-tools ## Set up everything, Apache Kafka included; check, then run all tests
	@exec $(bin)/pytest $(ARGS)

search: setup ## Random search for what breaks the property tests, none of which needs a broker: make search ARGS='-k linear'
	@exec $(bin)/pytest -m hypothesis --hypothesis-profile=search $(ARGS)

check: setup ## Lint, format, types, layers, and that generated files are current
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/shellcheck -x deploy/setup/* deploy/kafka/fetch .ci/run
	$(bin)/hadolint deploy/Dockerfile
	$(bin)/python -m schemas.publish --check
	$(bin)/python -m streams.asyncapi --check
	$(bin)/python -m streams.api.openapi --check
	$(bin)/python -m streams.observe.metrics.table --check
	$(bin)/python -m deploy.grafana.generate --check
	$(bin)/python -m streams.gazetteer --check

schemas: setup ## Write the generated files again: JSON Schema, AsyncAPI, tables of settings and metrics, dashboards, places
	$(bin)/python -m schemas.publish
	$(bin)/python -m streams.asyncapi
	$(bin)/python -m streams.api.openapi
	$(bin)/python -m streams.config
	$(bin)/python -m streams.observe.metrics.table
	$(bin)/python -m deploy.grafana.generate
	$(bin)/python -m streams.gazetteer

format: setup ## Put code into the house's format
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

eval: setup ## Score the reader on annotated passages: make eval FILE=passages.jsonl [ARGS='--errors 20']
	@test -n '$(FILE)' || { echo 'make eval: say FILE=passages.jsonl' >&2; exit 2; }
	@exec $(bin)/python bench/evaluate.py '$(FILE)' $(ARGS)

kafka: ## Fetch Apache Kafka's jars for the tests and for `newsgauge broker` (needs Java 17, installs it where it may)
	@deploy/kafka/fetch

.PHONY: test-tools
test-tools: setup kafka
	@deploy/setup/promtool
	@deploy/setup/chromium
