"""A live session: it is closed exactly once, and its state is that of the service."""

import logging
import pickle
import threading
import time

import pytest

from akool_nb import Client, errors
from akool_nb.api.models import FaceswapStatus, SourceImage
from akool_nb.guard.guard import GUARD
from akool_nb.guard.journal import Journal
from tests.faultserver import by_path, close_connection, reply
from tests.replay import CREDENTIALS, Replay, sample

SOURCE = sample("create.request")["sourceImage"][0]
OTHER = sample("update.request")["sourceImage"][0]


@pytest.fixture
def session(client):
    opened = client.create(SOURCE)
    yield opened
    opened.close()


def test_a_with_block_closes_the_session(client, replay):
    with client.create(SOURCE) as session:
        assert client.sessions == [session]
        assert not session.closed
    assert session.closed
    assert (replay.open, client.sessions) == (set(), [])


def test_a_with_block_closes_the_session_when_it_raises(client, replay):
    with pytest.raises(ZeroDivisionError), client.create(SOURCE):
        _ = 1 / 0
    assert replay.open == set()


def test_closing_twice_sends_one_request(client, replay):
    session = client.create(SOURCE)
    session.close()
    session.close()
    client.close(session)
    assert replay.count("close") == 1


def test_an_update_by_id_also_sets_the_source_of_the_session_object(client, session):
    client.update(session.id, OTHER)
    assert session.source == SourceImage.several(OTHER)[0]


def test_many_threads_that_close_a_session_send_one_request(client, replay):
    session = client.create(SOURCE)
    threads = [threading.Thread(target=session.close) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replay.count("close") == 1


def test_closing_by_id_closes_the_session_object(client):
    session = client.create(SOURCE)
    client.close(session.id)
    assert session.closed


def test_closing_twice_by_id_sends_one_request(client, replay):
    session = client.create(SOURCE)
    session.close()
    client.close(session.id)
    replay.open.add("f" * 24)
    client.close("f" * 24)
    client.close("f" * 24)
    assert replay.count("close") == 2


@pytest.fixture
def client_without_rtc_token(client, replay, tmp_path, monkeypatch):
    """A client whose next session cannot be joined, because the answer lacks its token."""
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path))
    client.get_token()

    def create_half(connection, seen):
        body = replay._body(seen)
        del body["data"]["front_rtc_token"]
        return reply(200, body)(connection, seen)

    replay.replies.insert(0, create_half)
    return client


def test_a_session_that_cannot_be_joined_is_closed_at_once(client_without_rtc_token, replay):
    with pytest.raises(errors.BadResponse, match=r"(?s)lacks front_rtc_token.*closed\s+again"):
        client_without_rtc_token.create(SOURCE)
    assert (len(replay.closed), replay.open, client_without_rtc_token.sessions) == (1, set(), [])
    assert list(Journal()) == []


def test_a_session_that_cannot_be_joined_or_closed_is_recorded_in_the_journal_and_watched(
    client_without_rtc_token, replay
):
    replay.replies.insert(1, reply(200, {"code": 1009, "msg": "not now"}))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        client_without_rtc_token.create(SOURCE)
    (stray,) = replay.open
    message = str(pickle.loads(pickle.dumps(caught.value)))
    assert "lacks front_rtc_token" in message and f'client.close("{stray}")' in message and "no id here" not in message
    assert [ticket.session_id for ticket in Journal()] == [stray]
    assert stray in GUARD._open
    client_without_rtc_token.close(stray)
    assert (replay.open, list(Journal())) == (set(), [])


def test_a_session_unknown_to_the_service_counts_as_closed(client, replay):
    session = client.create(SOURCE)
    replay.open.clear()
    session.close()
    assert session.closed


def test_a_close_whose_answer_is_lost_is_sent_again(client, replay):
    session = client.create(SOURCE)

    def close_and_hang_up(connection, seen):
        replay.open.discard(seen.json["_id"])
        return close_connection(connection, seen)

    replay.replies.insert(0, close_and_hang_up)
    session.close()
    assert session.closed


def test_a_session_stays_open_if_its_close_fails(replay):
    client = Client(**CREDENTIALS, base_url=replay.url, retries=0)
    session = client.create(SOURCE)
    replay.replies.insert(0, reply(503, b"busy"))
    with pytest.raises(errors.TransportError):
        session.close()
    assert not session.closed
    session.close()
    assert session.closed


def test_the_error_of_the_block_is_raised_even_if_the_close_fails(replay, caplog):
    client = Client(**CREDENTIALS, base_url=replay.url, retries=0)
    with caplog.at_level(logging.ERROR, "akool_nb"), pytest.raises(ZeroDivisionError), client.create(SOURCE) as session:
        replay.replies.insert(0, reply(503, b"busy"))
        _ = 1 / 0
    assert "could not be closed" in caplog.text
    session.close()


def test_a_closed_session_sends_no_more_requests(client, replay):
    session = client.create(SOURCE)
    session.close()
    before = len(replay.seen)
    for use in (lambda: session.update(OTHER), session.refresh, lambda: client.update(session, OTHER)):
        with pytest.raises(errors.SessionClosed, match=r"client\.create"):
            use()
    assert len(replay.seen) == before
    assert session.seconds_left == 0


def test_update_stores_the_new_face(session, replay):
    assert session.source == SourceImage(**SOURCE)
    session.update(OTHER)
    assert session.source == SourceImage(**OTHER)
    assert replay.seen[-1].json == {"sourceImage": [OTHER], "_id": session.id}


@pytest.fixture
def slow_answer(replay):
    """Delays the next answer, so that the answer of a later call can arrive before it."""

    def answer_late(body=None):
        def answer(connection, seen):
            time.sleep(0.3)
            return reply(200, body or replay._body(seen))(connection, seen)

        replay.replies.insert(0, answer)

    return answer_late


def run_overlapping(replay, first, second):
    """Run both in their own threads; the second starts after the request of the first was sent."""
    sent = len(replay.seen)
    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    while len(replay.seen) == sent:
        time.sleep(0.01)
    threads[1].start()
    for thread in threads:
        thread.join()


def test_the_last_face_sent_is_stored_even_if_its_answer_arrives_first(session, replay, slow_answer):
    slow_answer()
    run_overlapping(replay, lambda: session.update(OTHER), lambda: session.update(SOURCE))
    assert replay.seen[-1].json["sourceImage"] == [SOURCE]
    assert session.source == SourceImage(**SOURCE)


def test_an_older_state_does_not_replace_a_newer_one(session, replay, slow_answer):
    slow_answer({"code": 1000, "data": {"faceswap_status": 1}})
    run_overlapping(replay, session.refresh, session.refresh)
    assert session.status is FaceswapStatus.PROCESSING


def test_a_failed_update_changes_nothing(session, replay):
    replay.replies.insert(0, reply(200, {"code": 1003, "msg": "no face there"}))
    with pytest.raises(errors.ParameterError):
        session.update(OTHER)
    assert session.source == SourceImage(**SOURCE)


def test_wait_returns_when_the_session_is_processing(session):
    assert session.wait(5) is FaceswapStatus.PROCESSING


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "5", None])
def test_wait_refuses_an_invalid_timeout(session, timeout):
    with pytest.raises((TypeError, ValueError), match="timeout is a number of seconds"):
        session.wait(timeout)


def test_wait_returns_at_once_if_the_service_does_not_report_the_state():
    answers = {"create": reply(200, sample("create.response")), "close": reply(200, sample("close.response"))}
    with Replay(by_path(**answers)) as server:
        server.replies = server.replies[:1]
        with Client(token="t", base_url=server.url).create(SOURCE) as session:
            assert session.wait(60) is FaceswapStatus.QUEUING


def test_each_close_callback_is_called_once_and_may_raise(client, caplog):
    session = client.create(SOURCE)
    closed_sessions = []

    @session.on_close
    def broken(closed):
        raise RuntimeError("in a callback")

    assert callable(broken), "the decorated function keeps its name"
    session.on_close(closed_sessions.append)
    with caplog.at_level(logging.ERROR, "akool_nb"):
        session.close()
        session.close()
    assert closed_sessions == [session]
    assert "in a callback" in caplog.text


def test_the_expiry_is_read_from_the_token(session):
    assert f"{session.expires_at:%Y-%m-%d %H:%M:%S}" == "2025-06-16 04:29:59"
    assert session.seconds_left == 0


def test_a_session_without_a_readable_token_expires_in_an_hour():
    answer = sample("create.response")
    answer["data"] |= {"front_rtc_token": "something else", "app_id": "an app id"}
    with Replay(by_path(create=reply(200, answer), close=reply(200, sample("close.response")))) as server:
        server.replies = server.replies[:1]
        with Client(token="t", base_url=server.url).create(SOURCE) as session:
            assert session.expires_at is None
            assert 3590 < session.seconds_left <= 3600
            assert session.channel.app_id == "an app id"


def test_a_session_is_shown_escaped_and_without_its_token(client, replay):
    answer = sample("create.response")
    answer["data"]["_id"] = "<script>"
    replay.replies.insert(0, reply(200, {"code": 1000, "token": "x" * 20}))
    replay.replies.insert(1, reply(200, answer))
    session = client.create(SOURCE)
    assert repr(session) == "LiveSession('<script>', queuing)"
    html = session._repr_html_()
    assert "<script" not in html and answer["data"]["front_rtc_token"] not in html + repr(session) + str(vars(session))


def test_a_session_cannot_be_pickled(session):
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(session)


def test_only_a_sandbox_session_has_a_view_url(session):
    assert session.view_url.startswith("ws://127.0.0.1:")
    far = Client(token="t")
    assert far._service.view_url(session.channel) is None
