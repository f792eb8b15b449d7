import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The journal's folder, empty and for this test only."""
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path))
    return tmp_path / "open"
