"""The sandbox keeps what its OpenAPI description promises, under whatever schemathesis thinks of."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from akool_nb.sandbox import Sandbox, handlers, openapi
from tests.sandbox.wire import Wire

SCHEMA = schemathesis.openapi.from_dict(openapi.description("http://127.0.0.1"))
CALM = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SHAPES = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@SCHEMA.parametrize()
@CALM
def test_with_http_errors_every_check_passes(case: schemathesis.Case, shared_sandbox: Sandbox):
    shared_sandbox.error_status = "4xx"
    # A description cannot say which address holds a picture, so "valid" data may still be refused.
    case.call_and_validate(
        base_url=shared_sandbox.url, headers=Wire(shared_sandbox).key, excluded_checks=[positive_data_acceptance]
    )


@SCHEMA.parametrize()
@CALM
def test_with_http_200_every_answer_has_the_described_shape(case: schemathesis.Case, sandbox: Sandbox):
    case.call_and_validate(base_url=sandbox.url, headers=Wire(sandbox).key, checks=SHAPES)


def test_every_endpoint_is_described_and_served_with_the_own_address(wire: Wire):
    served = wire.get("/openapi.json", {}).json
    assert served["servers"] == [{"url": wire.sandbox.url}]
    assert set(served["paths"]) == {path for path, _ in handlers.ROUTES} | {"/state.json"}


@pytest.mark.parametrize("path", sorted(json.loads(openapi.FILE.read_text())["paths"]))
def test_every_operation_has_a_summary_and_its_answers(path: str):
    [operation] = json.loads(openapi.FILE.read_text())["paths"][path].values()
    assert operation["summary"] and {"200", "403", "405"} <= set(operation["responses"])
