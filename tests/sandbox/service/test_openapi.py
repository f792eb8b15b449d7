"""The sandbox follows its OpenAPI description for every request that schemathesis generates."""

from __future__ import annotations

import json
from typing import Any

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

from akool_nb.sandbox import Sandbox
from akool_nb.sandbox.service import endpoints, page
from tests.sandbox.service.test_endpoints import NO_FACE
from tests.sandbox.wire import CREDITS, DETECT, DETECT_FACES, GET_TOKEN, LIVE, Wire, photo_base64

SCHEMA = schemathesis.openapi.from_dict(page.description("http://127.0.0.1"))
CALM = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SHAPES = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@SCHEMA.parametrize()
@CALM
def test_with_http_errors_every_check_passes(case: schemathesis.Case, sandbox: Sandbox):
    sandbox.error_status = "4xx"
    # A description cannot say which addresses have a picture, so a "valid" request may still be refused.
    case.call_and_validate(base_url=sandbox.url, headers=Wire(sandbox).key, excluded_checks=[positive_data_acceptance])


@SCHEMA.parametrize()
@CALM
def test_with_http_200_every_answer_has_the_described_schema(case: schemathesis.Case, sandbox: Sandbox):
    case.call_and_validate(base_url=sandbox.url, headers=Wire(sandbox).key, checks=SHAPES)


def succeed(wire: Wire, path: str, body: Any = None) -> dict[str, Any]:
    """A call that must succeed with an answer of the described schema."""
    operation = SCHEMA[path]["GET" if body is None else "POST"]
    case = operation.Case() if body is None else operation.Case(body=body, media_type="application/json")
    checks = [*SHAPES, positive_data_acceptance]
    answer = case.call_and_validate(base_url=wire.sandbox.url, headers=wire.key, checks=checks).json()
    assert answer.get("error_code", answer.get("code")) in (0, 1000), answer
    return answer


def here(wire: Wire, path: str) -> Any:
    """The example request of the served description, which is valid for this sandbox."""
    served = wire.get("/openapi.json", {}).json["paths"][path]["post"]
    return served["requestBody"]["content"]["application/json"]["examples"]["here"]["value"]


@pytest.mark.parametrize("error_status", ["200", "4xx"])
def test_every_call_from_sign_in_to_close_succeeds_with_the_described_schema(wire: Wire, error_status: str):
    wire.sandbox.error_status = error_status
    credentials = {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}
    succeed(wire, GET_TOKEN, credentials)
    succeed(wire, DETECT, here(wire, DETECT))
    succeed(wire, DETECT_FACES, here(wire, DETECT_FACES))
    succeed(wire, DETECT_FACES, {"img": photo_base64("collage")})
    source = here(wire, f"{LIVE}/create")
    named = {"_id": succeed(wire, f"{LIVE}/create", source)["data"]["_id"]}
    succeed(wire, f"{LIVE}/info", named)
    succeed(wire, f"{LIVE}/update", {**named, **source})
    succeed(wire, f"{LIVE}/close", named)
    succeed(wire, CREDITS)


def test_successes_changed_by_switches_are_described_too(wire: Wire):
    credentials = {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}
    wire.sandbox.set(token_shape="data", app_id_given=True, fourth_point="centre")
    succeed(wire, GET_TOKEN, credentials)
    succeed(wire, f"{LIVE}/create", here(wire, f"{LIVE}/create"))
    for form in ("list", "string", "flat"):
        wire.sandbox.single_face_form = form
        succeed(wire, DETECT, {"img": photo_base64(), "single_face": True})
    for form in ("empty_object", "empty_lists"):
        wire.sandbox.no_face = form
        assert not any(succeed(wire, DETECT, {"img": NO_FACE})["landmarks"])
        succeed(wire, DETECT_FACES, {"img": NO_FACE})


def test_every_endpoint_is_described_and_served_with_the_own_address(wire: Wire):
    served = wire.get("/openapi.json", {}).json
    assert served["servers"] == [{"url": wire.sandbox.url}]
    assert set(served["paths"]) == {path for path, _ in endpoints.ROUTES} | {"/state.json"}


@pytest.mark.parametrize("path", sorted(json.loads(page.OPENAPI.read_text())["paths"]))
def test_every_operation_has_a_summary_and_its_answers(path: str):
    [operation] = json.loads(page.OPENAPI.read_text())["paths"][path].values()
    assert operation["summary"] and {"200", "403", "405"} <= set(operation["responses"])
