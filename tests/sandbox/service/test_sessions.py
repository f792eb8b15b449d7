"""What a session wears when updates overtake each other; all else of sessions is tested over the wire."""

from __future__ import annotations

from akool_nb.sandbox.service.sessions import Session


def test_an_update_whose_picture_comes_late_does_not_replace_a_later_one():
    session = Session("id", "channel", "", "token", "the first face", 0.0)
    slow, quick = session.count_update(), session.count_update()
    session.wear("the face asked for last", quick)
    session.wear("the face that came late", slow)
    assert session.source == "the face asked for last"
    session.wear("another face", session.count_update())
    assert session.source == "another face"
