"""SessionPanel in a real JupyterLab: its buttons, states, costs and calls; texts of the API are not run as markup."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.live_cells import AGORA_SESSION, APP_ID, press, session_on, wait_state

PANEL = """session.close()
panel = SessionPanel(client, face=faces[0])
view = LiveView(camera="drawn", close_after=None)
panel.on_session(lambda session: session and setattr(view, "session", session))
panel"""
MARKUP = "<img src=x onerror='globalThis.ran = true'>"


@pytest.fixture
def panel(reused_notebook, sandbox):
    """A panel above a live view that uses its session."""
    page = reused_notebook([session_on(sandbox), PANEL, "view"])
    page.run_all()
    page.page.get_by_role("button", name="Create session").wait_for()
    return page


def buttons(page):
    """The names of the enabled buttons."""
    shown = page.page.locator(".akool").first.locator(".ak-row").first.get_by_role("button", disabled=False)
    return shown.all_inner_texts()


def test_a_session_is_created_updated_and_closed_by_buttons(panel, sandbox):
    assert buttons(panel) == ["Create session"]
    press(panel, "Create session")
    wait_state(panel, "live")
    steps = panel.page.get_by_role("list", name="Progress")
    expect(steps.locator("[aria-current=step]")).to_have_text("Swapped video seen")
    expect(panel.page.get_by_role("button", name="Change face")).to_be_enabled()
    assert buttons(panel) == ["Change face", "Close session"]
    expect(panel.page.locator(".ak-figures dd").first).to_have_text(re.compile(r"^59:\d\d$"))
    press(panel, "Close session")
    wait_state(panel, "stopped")
    expect(panel.page.get_by_role("button", name="Create a new session")).to_be_enabled()
    assert sandbox.sessions == []


def test_clicks_on_a_busy_kernel_open_one_session_and_the_focus_stays(panel, sandbox):
    create = panel.page.get_by_role("button", name="Create session")
    with panel.busy():
        create.focus()
        for _ in range(3):
            panel.page.keyboard.press("Enter")
        expect(create).to_be_disabled()
        expect(create).to_be_focused()
    expect(panel.page.get_by_role("button", name="Close session")).to_be_visible(timeout=10_000)
    panel.page.keyboard.press("Enter")  # a second key event, as when the key is held
    panel.page.keyboard.press("Tab")
    expect(panel.page.get_by_role("button", name="Change face")).to_be_focused()
    assert panel.kernel("len(client.calls.find('live/create'))") == 2, "the first cell's, and the panel's"
    assert len(sandbox.sessions) == 1


def test_axe_finds_no_problem_and_calls_can_be_copied(panel):
    panel.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(panel, "Create session")
    wait_state(panel, "live")
    panel.page.get_by_text("Open sessions").click()
    panel.page.get_by_text("Last calls").click()
    for dark in (False, True):
        panel.dark(dark)
        assert panel.violations(".akool") == []
        panel.screenshot(f"session-panel-{'dark' if dark else 'light'}", ".akool")
    panel.page.get_by_role("button", name="Copy as curl").first.click()
    expect(panel.page.locator(".ak-voice").first).to_contain_text("Copied")
    assert panel.page.evaluate("() => navigator.clipboard.readText()").startswith("curl -X ")
    panel.narrow()
    panel.screenshot("session-panel-narrow", ".akool")
    assert panel.violations(".akool") == []


def test_texts_of_the_api_are_not_run_as_markup(panel, sandbox):
    sandbox.fail_next("create", code=1003, message=MARKUP)
    press(panel, "Create session")
    expect(panel.page.get_by_role("alert").first).to_contain_text("onerror")
    panel.page.get_by_text("Last calls").click()
    expect(panel.page.locator(".ak-panel-bad").first).to_contain_text("onerror")
    assert panel.page.evaluate("() => globalThis.ran") is None


def test_channel_and_token_for_the_demo_page_are_copied_to_the_clipboard_and_no_token_is_saved(reused_notebook):
    cells = [
        AGORA_SESSION,
        "from akool_nb.widgets import SessionPanel\n"
        "panel = SessionPanel(akool_nb.Client(api_key='key', base_url='http://127.0.0.1:9'))\n"
        "panel.session = session\npanel",
    ]
    page = reused_notebook(["import akool_nb", *cells])
    page.run_all()
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.page.get_by_text("Try with Agora's demo page").click()
    clipboard = "() => navigator.clipboard.readText()"
    announced = page.page.locator(".akool .ak-voice").first
    for name, value in (("Channel", "channel"), ("User ID", "1"), ("App ID (settings page)", APP_ID)):
        page.page.get_by_role("button", name=f"Copy {name}").click()
        expect(announced).to_have_text(f"Copied: {name}.")
        assert page.page.evaluate(clipboard) == value
    page.page.get_by_role("button", name="Copy Token").click()
    expect(announced).to_contain_text("Copied: the token")
    token = page.kernel("session.channel.token")
    assert page.page.evaluate(clipboard) == token
    address = page.page.get_by_role("link", name="Open Agora's demo page").get_attribute("href")
    assert address.endswith("?channel=channel&uid=1")
    assert page.violations(".akool") == []
    page.screenshot("session-panel-demo", ".akool")
    assert token not in page.page.content()
    assert token not in str(page.save())
    assert not [line for line in page.console if token in line]
