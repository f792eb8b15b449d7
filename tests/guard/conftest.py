import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The journal's folder, empty and only for this test."""
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path))
    return tmp_path / "open"
