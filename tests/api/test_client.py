"""The client against the documented examples over a real socket: each request and each answer is compared in full."""

import json
import os
import sys
import threading

import pytest

import akool_nb
from akool_nb import Client, connect, errors, samples
from akool_nb.api.models import Detection, FaceswapStatus, SourceImage
from akool_nb.api.photo import Photo
from akool_nb.api.upkeep import sessions_here
from tests.faultserver import by_path, reply
from tests.replay import CREDENTIALS, Replay, sample

PICTURE = sample("detect.request")["image_url"]
SOURCE = sample("create.request")["sourceImage"][0]


def found(client) -> Detection:
    return client.detect(PICTURE)


def test_signing_in_sends_the_documented_request(client, replay):
    assert client.get_token() == replay.good_token
    assert replay.seen[0].path == "/api/open/v3/getToken"
    assert replay.seen[0].json.keys() == sample("get_token.request").keys()
    assert list(replay.seen[0].json.values()) == list(CREDENTIALS.values())
    assert "authorization" not in replay.seen[0].headers


def test_the_token_is_fetched_once_and_reused(client, replay):
    client.credits()
    client.credits()
    assert replay.signed_in == 1
    assert replay.seen[-1].headers["authorization"] == f"Bearer {replay.good_token}"


def test_detect_sends_the_documented_request(client, replay):
    client.detect(PICTURE, endpoint="detect")
    assert replay.seen[-1].path == "/detect"
    assert replay.seen[-1].json == sample("detect.request")
    assert replay.seen[-1].headers["content-type"] == "application/json"


def test_detect_parses_the_documented_answer(client):
    answer = sample("detect.response")
    faces = client.detect(PICTURE, endpoint="detect")
    assert (len(faces), faces.trx_id, faces.seconds) == (1, answer["trx_id"], answer["seconds"])
    assert faces[0].region == tuple(answer["region"][0])
    assert faces[0].opts == answer["landmarks_str"][0]
    assert faces[0].landmarks == ((249, 510), (460, 515), (343, 657), (255, 740))
    assert faces[0].source == SourceImage(PICTURE, answer["landmarks_str"][0])


def test_a_local_photo_is_sent_to_the_newer_detector_and_gets_a_hosted_crop(client, replay):
    answer = sample("detect_faces.response")["faces_obj"]["0"]
    face = client.detect(samples.photo("astronaut"))[0]
    sent = replay.seen[-1].json
    assert replay.seen[-1].path == "/interface/detect-api/detect_faces"
    assert (sent["return_face_url"], sent["single_face"]) == (True, False)
    assert face.opts == answer["landmarks_str"][0]
    assert face.source == SourceImage(answer["face_urls"][0], answer["crop_landmarks"][0])


def test_the_endpoint_can_be_chosen(client, replay):
    client.detect(PICTURE, endpoint="detect_faces", single_face=True)
    assert replay.seen[-1].json == {"single_face": True, "return_face_url": False, "url": PICTURE}
    client.detect(samples.photo("astronaut"), endpoint="detect")
    assert replay.seen[-1].json.keys() == {"single_face", "img"}


def test_a_face_of_the_older_detector_without_an_address_is_refused_by_create(client):
    face = client.detect(samples.photo("astronaut"), endpoint="detect")[0]
    with pytest.raises(errors.PhotoError, match="detect_faces"):
        client.create(face)


def test_an_unknown_endpoint_is_refused(client):
    with pytest.raises(ValueError, match="detect_faces"):
        client.detect(PICTURE, endpoint="magic")


def test_create_sends_and_parses_the_documented_example(client, replay):
    data = sample("create.response")["data"]
    with client.create(SOURCE) as session:
        assert replay.seen[-1].json == sample("create.request")
        assert session.status is FaceswapStatus.QUEUING
        channel = session.channel
        assert (channel.channel_id, channel.uid, channel.remote_uid) == (
            data["channel_id"],
            data["front_user_id"],
            data["algorithm_user_id"],
        )
        assert channel.token == data["front_rtc_token"]


def test_an_empty_app_id_in_the_answer_is_read_from_the_token(client):
    with client.create(SOURCE) as session:
        assert session.channel.app_id == "ea4df2d20e43424ab4a8028e1883b17f"


def test_an_app_id_in_the_answer_is_used():
    answer = sample("create.response")
    answer["data"]["app_id"] = "0" * 32
    replies = {"create": reply(200, answer), "close": reply(200, sample("close.response"))}
    with Replay(by_path(**replies)) as server, Client(token="t", base_url=server.url).create(SOURCE) as session:
        assert session.channel.app_id == "0" * 32


def test_leaving_a_with_block_closes_the_sessions_of_the_client(sandbox):
    face = sandbox.client().detect(samples.photo("astronaut"))[0]
    with sandbox.client() as client:
        session = client.create(face)
    assert session.closed
    assert sandbox.sessions == []


@pytest.fixture
def frequent_thread_switches():
    """Python switches threads as often as possible, so that a race shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("frequent_thread_switches")
def test_the_open_sessions_can_be_listed_while_another_thread_opens_some(client):
    done = threading.Event()
    before = len(sessions_here())  # other tests may leave some open

    def make():
        for _ in range(50):
            client.create(SOURCE).close()
        done.set()

    threading.Thread(target=make).start()
    while not done.is_set():
        assert len(sessions_here()) <= before + 1


def test_a_session_that_cannot_be_closed_does_not_keep_the_others_open(sandbox):
    face = sandbox.client().detect(samples.photo("astronaut"))[0]
    client = sandbox.client(retries=0)
    first, second = client.create(face), client.create(face)
    sandbox.fail_next("close", kind="reset", times=1)
    with pytest.raises(errors.ConnectionFailed), client:
        pass
    assert first.closed != second.closed
    assert len(sandbox.sessions) == 1


def test_update_and_close_send_the_documented_requests(client, replay):
    session = client.create(SOURCE)
    replay.open.add("685ea0bb5aa150dd8b7116b1")
    client.update("685ea0bb5aa150dd8b7116b1", sample("update.request")["sourceImage"][0])
    assert replay.seen[-1].json == sample("update.request")
    client.close("685ea0bb5aa150dd8b7116b1")
    assert replay.seen[-1].json == sample("close.request")
    session.close()


def test_the_balance_is_a_number(client):
    assert client.credits() == 123


def test_an_api_key_is_sent_in_its_own_header_and_not_exchanged(replay):
    client = Client(api_key=CREDENTIALS["client_secret"], base_url=replay.url)
    client.credits()
    assert replay.signed_in == 0
    assert replay.seen[-1].headers["x-api-key"] == CREDENTIALS["client_secret"]
    assert "authorization" not in replay.seen[-1].headers


@pytest.mark.parametrize("pasted", ["  {} \n", "Bearer {}", '"{}"', "bearer  {}\t"])
def test_characters_added_by_pasting_are_removed(replay, pasted):
    client = Client(token=pasted.format("abc.def.ghi"), base_url=replay.url)
    client.credits()
    assert replay.seen[-1].headers["authorization"] == "Bearer abc.def.ghi"


def test_a_credential_with_a_wrong_character_is_refused_before_it_is_sent(replay):
    client = Client(api_key="secret\u200bkey of mine", base_url=replay.url)
    with pytest.raises(errors.MissingCredentials, match=r"Copy\s+it\s+again"):
        client.credits()
    assert replay.seen == []


def test_without_credentials_nothing_is_sent(replay):
    with pytest.raises(errors.MissingCredentials, match="AKOOL_CLIENT_ID"):
        Client(base_url=replay.url).credits()
    assert replay.seen == []


def test_credentials_are_read_from_the_environment(replay, monkeypatch):
    monkeypatch.setenv("AKOOL_CLIENT_ID", "an-id")
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", "a-secret")
    Client(base_url=replay.url).credits()
    assert replay.seen[0].json == {"clientId": "an-id", "clientSecret": "a-secret"}


def test_the_api_key_in_the_environment_is_preferred(replay, monkeypatch):
    monkeypatch.setenv("AKOOL_API_KEY", "a-key")
    monkeypatch.setenv("AKOOL_CLIENT_ID", "an-id")
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", "a-secret")
    Client(base_url=replay.url).credits()
    assert replay.seen[0].headers["x-api-key"] == "a-key"


def test_an_argument_overrides_the_environment(replay, monkeypatch):
    monkeypatch.setenv("AKOOL_API_KEY", "a-key")
    Client(**CREDENTIALS, base_url=replay.url).credits()
    assert "x-api-key" not in replay.seen[-1].headers


def test_credentials_are_never_sent_over_plain_http():
    with pytest.raises(errors.TransportError, match="https"):
        Client(base_url="http://openapi.akool.com")


def test_the_default_hosts_are_those_of_akool(replay):
    assert (Client().base_url, Client().detect_url) == ("https://openapi.akool.com", "https://sg3.akool.com")
    assert Client(base_url=replay.url).detect_url == replay.url


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="clientid"):
        Client(clientid="typo")


def test_the_unofficial_info_call_sets_the_status(client):
    session = client.create(SOURCE)
    assert session.refresh() is FaceswapStatus.PROCESSING
    session.close()


UNKNOWN_CALLS = {
    "404 in JSON": reply(404, {"code": 1014, "msg": "no such path"}),
    "404 as a page": reply(404, b"<!DOCTYPE html><pre>Cannot POST /api</pre>", kind="text/html"),
    "405": reply(405, {"code": 1003, "msg": "not allowed"}),
    "200 with a code": reply(200, {"code": 1003, "msg": "Parameter error"}),
    "200 with an unknown code": reply(200, {"code": 404, "msg": "Not Found"}),
}


@pytest.mark.parametrize("form", UNKNOWN_CALLS)
def test_the_unofficial_info_call_is_sent_once_if_the_server_does_not_know_it(form):
    replies = {"create": reply(200, sample("create.response")), "close": reply(200, sample("close.response"))}
    with Replay(by_path(**replies, info=UNKNOWN_CALLS[form])) as server:
        server.replies = server.replies[:1]
        client = Client(token="t", base_url=server.url)
        with client.create(SOURCE) as session:
            assert session.refresh() is session.refresh() is FaceswapStatus.QUEUING
        assert server.count("info") == 1


def test_if_the_server_knows_the_info_call_a_refusal_concerns_the_session(client, replay):
    with client.create(SOURCE) as session:
        session.refresh()
        replay.replies.insert(0, reply(200, {"code": 1003, "msg": "no such session"}))
        with pytest.raises(errors.ParameterError):
            client.info("0" * 24)
        assert session.refresh() is FaceswapStatus.PROCESSING


def test_a_temporary_fault_does_not_disable_the_info_call(client, replay):
    with client.create(SOURCE) as session:
        replay.replies.insert(0, reply(503, b"", kind="text/plain"))
        quick = Client(token=replay.good_token, base_url=replay.url, retries=0)
        assert quick.info(session.id) is None
        assert quick.info(session.id) is FaceswapStatus.PROCESSING


def test_a_detection_of_several_faces_is_refused_by_create(client):
    faces = found(client)
    two = Detection(faces.photo, [faces[0], faces[0]])
    with pytest.raises(errors.PhotoError, match="Choose one"):
        client.create(two)


@pytest.mark.parametrize("value", [None, 7, "a path", {}, [], {"path": "x"}])
def test_a_value_that_is_not_a_face_is_refused(client, value):
    with pytest.raises((errors.PhotoError, errors.OptsError)):
        client.create(value)


@pytest.mark.parametrize("value", [None, 7, ""])
def test_a_value_that_is_not_a_session_is_refused(client, value):
    with pytest.raises(TypeError, match="session"):
        client.close(value)


def test_an_unknown_session_raises_parameter_error(client):
    with pytest.raises(errors.ParameterError):
        client.close("0" * 24)


def test_a_client_shows_no_secret(client):
    client.get_token()
    text = repr(client) + str(vars(client)) + repr(client._credentials) + str(vars(client._credentials))
    assert not [secret for secret in client._credentials.secrets() if secret in text]


def test_connect_prints_which_service_it_uses(capsys, monkeypatch):
    monkeypatch.setenv("AKOOL_API_KEY", "a-key")
    client = connect()
    assert not client.is_sandbox
    assert capsys.readouterr().out == "akool_nb: connected to AKOOL (openapi.akool.com); sessions cost credits.\n"


@pytest.mark.parametrize("half", ["client_id", "client_secret"])
def test_connect_refuses_a_half_pair_of_credentials(half, monkeypatch):
    with pytest.raises(errors.MissingCredentials, match="Half"):
        connect(**{half: "x"})
    monkeypatch.setenv(f"AKOOL_{half.upper()}", "x")
    with pytest.raises(errors.MissingCredentials, match="Half"):
        connect()
    assert connect(api_key="a-key").has_credentials


def test_connect_without_credentials_starts_the_sandbox(capsys):
    client = connect()
    assert client.is_sandbox and client.sandbox.is_running
    assert "sandbox" in capsys.readouterr().out
    assert client.credits() > 0


def test_the_sandbox_argument_of_connect_overrides_the_credentials(monkeypatch):
    with pytest.raises(errors.MissingCredentials):
        connect(sandbox=False)
    monkeypatch.setenv("AKOOL_API_KEY", "a-key")
    assert connect(sandbox=True).is_sandbox


def test_detect_create_update_and_close_work_with_the_sandbox(sandbox):
    client = sandbox.client()
    faces = client.detect(Photo.open(samples.photo("collage")))
    assert len(faces) == 6
    with client.create(faces[0]) as session:
        assert session.wait(10) is FaceswapStatus.PROCESSING
        session.update(faces[1])
        assert session.view_url.startswith("ws://127.0.0.1:") and session.channel.token not in session.view_url
        assert [entry["id"] for entry in sandbox.sessions] == [session.id]
    assert sandbox.sessions == []


def test_a_picture_of_the_sandbox_is_fetched_from_loopback(sandbox, tmp_path):
    face = sandbox.client().detect(samples.photo("astronaut"))[0]
    saved = face.save(tmp_path)
    assert saved.parent == tmp_path
    assert Photo.open(saved).size[0] > 40
    assert face.expires_at is not None


@pytest.mark.parametrize("code", [1003, 1101, 1102, 1104, 1005])
def test_error_codes_of_the_sandbox_raise_typed_errors(sandbox, code):
    client = sandbox.client()
    sandbox.fail_always("credits", code)
    with pytest.raises(errors.CODES[code].error) as caught:
        client.credits()
    assert caught.value.code == code


def test_the_version_is_defined():
    assert akool_nb.__version__ and json.dumps(akool_nb.__version__)
    assert "AKOOL_NB_STATE" in os.environ
