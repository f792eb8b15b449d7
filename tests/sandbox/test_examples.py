"""Every documented request is understood, every documented answer has the shape of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.wire import CREDITS, DETECT, DETECT_FACES, GET_TOKEN, LIVE, Wire

SAMPLES = Path(__file__).parents[1] / "samples"


def example(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """The value's types; of a list that of its first entry, since the number of faces may differ."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "number" if isinstance(value, int | float) else type(value).__name__


def local(wire: Wire, name: str) -> dict[str, Any]:
    """The documented request with what the sandbox hosts in place of AKOOL's pictures and account."""
    body = example(f"{name}.request")
    if "sourceImage" in body:
        body["sourceImage"] = [wire.source() for _ in body["sourceImage"]]
    if "image_url" in body:
        body["image_url"] = f"{wire.sandbox.url}/samples/astronaut.png"
    if "clientId" in body:
        body = {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}
    if "_id" in body:
        body["_id"] = wire.session()["_id"]
    return body


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("get_token", GET_TOKEN),
        ("detect", DETECT),
        ("create", f"{LIVE}/create"),
        ("update", f"{LIVE}/update"),
        ("close", f"{LIVE}/close"),
    ],
)
def test_the_documented_request_gets_an_answer_of_the_documented_shape(wire: Wire, name: str, path: str):
    assert shape(wire.post(path, local(wire, name)).json) == shape(example(f"{name}.response"))


@pytest.mark.parametrize("name", ["detect", "create", "update"])
def test_the_documented_fields_are_the_ones_we_send(wire: Wire, name: str):
    assert set(local(wire, name)) == set(example(f"{name}.request"))


def test_detect_faces_has_the_documented_shape(wire: Wire):
    body = {"url": f"{wire.sandbox.url}/samples/astronaut.png", "return_face_url": True}
    assert shape(wire.post(DETECT_FACES, body).json) == shape(example("detect_faces.response"))


def test_the_balance_has_the_documented_shape(wire: Wire):
    assert shape(wire.get(CREDITS).json) == shape(example("quota.response"))
