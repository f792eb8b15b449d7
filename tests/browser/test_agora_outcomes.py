"""Agora's SDK and its double have the same outcomes, as far as the SDK works without a network."""

import re

import pytest

from akool_nb.widgets.base import STATIC
from tests.browser.live_cells import WEB, agora_double

ADDRESS = "http://localhost:8000/"
OUTCOMES = """async address => {
    globalThis.__agora = { unplugged: ['unplugged'] };
    const sdk = await import(address);
    sdk.setLogLevel(4);
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    const capture = () => canvas.captureStream(20).getVideoTracks()[0];
    const failure = promise => promise.then(() => 'none', error => [error.code, error.message]);
    const first = capture();
    const second = capture();
    const size = { width: 640, height: 480, frameRate: 20, bitrateMin: 5000, bitrateMax: 5000 };
    const track = sdk.createCustomVideoTrack({ mediaStreamTrack: first, ...size });
    const updated = [];
    track.on('track-updated', raw => updated.push(raw === second));
    const outcomes = { kind: track.trackMediaType, isGiven: track.getMediaStreamTrack() === first };
    await track.setMuted(true);
    outcomes.mutedFirst = !first.enabled;
    await track.replaceTrack(second, true);
    outcomes.first = first.readyState;
    outcomes.isReplaced = track.getMediaStreamTrack() === second;
    outcomes.updated = updated;
    outcomes.mutedSecond = !second.enabled;
    const audience = sdk.createClient({ mode: 'live', codec: 'vp8' });
    outcomes.state = audience.connectionState;
    outcomes.audience = await failure(audience.publish([track]));
    track.close();
    outcomes.second = second.readyState;
    outcomes.camera = await failure(sdk.createCameraVideoTrack({ cameraId: 'unplugged' }));
    outcomes.microphone = await failure(sdk.createMicrophoneAudioTrack({ microphoneId: 'unplugged' }));
    return outcomes;
}"""


def real_sdk():
    return (STATIC / "agora.js").read_text(encoding="utf-8")


@pytest.fixture
def outcomes(browsers):
    """`outcomes(script)`: the results of this script's SDK, on a page without a server."""
    page = browsers.context().new_page()

    def of(script):
        page.route("**/*", lambda route: route.abort())
        page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        answer = {"body": script, "content_type": "text/javascript"}
        page.route(f"{ADDRESS}sdk.js", lambda route: route.fulfill(**answer))
        page.goto(ADDRESS)
        return page.evaluate(OUTCOMES, f"{ADDRESS}sdk.js")

    yield of
    page.close()


def test_tracks_and_refusals_of_the_sdk_and_of_the_double_are_the_same(outcomes):
    real = outcomes(real_sdk())
    assert real["camera"][0] == "UNEXPECTED_ERROR", "a missing camera"
    assert real["audience"][0] == "INVALID_OPERATION" and "audience" in real["audience"][1]
    assert real["updated"] == [True] and (real["first"], real["second"]) == ("ended", "ended")
    assert outcomes(agora_double()) == real


def test_the_sdk_has_every_event_that_the_double_emits():
    double = (WEB / "tests" / "fake_agora.ts").read_text(encoding="utf-8")
    names = set(re.findall(r'emit\("([a-z-]+)"', double))
    assert {"user-published", "track-updated"} <= names
    sdk = real_sdk()
    assert {name for name in names if f'"{name}"' not in sdk} == set()
