"""Lines for a terminal."""

import pytest

from akool_nb.terminal import WIDTH, wrapped

COMMANDS = [
    'pip install "akool_nb[sandbox]"',
    "pip install --force-reinstall opencv-python-headless",
    "akool-nb sessions --close ID",
    "akool-nb doctor",
    "sudo apt-get install firefox-esr webkit2gtk-driver xvfb",
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("words", range(8, 20))
def test_a_command_is_never_broken_over_two_lines(command, words):
    text = f"{'word ' * words}run '{command}', and try again."
    lines = wrapped(text).splitlines()
    assert any(command in line for line in lines)
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines) == text
