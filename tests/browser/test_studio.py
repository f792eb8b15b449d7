"""Studio in a real JupyterLab: a beginner sees the swapped picture after five clicks."""

from playwright.sync_api import expect

from tests.browser.live_cells import wait_state

STUDIO = "import akool_nb\nfrom akool_nb.widgets import Studio\nstudio = Studio()\nstudio"


def test_the_swapped_picture_is_shown_after_five_clicks(reused_notebook):
    page = reused_notebook([STUDIO])
    page.run_all()
    clicks = ["Try the sandbox", "astronaut", "Go live", "Use the moving picture instead"]
    assert len([*clicks, "the consent"]) <= 5
    for number, name in enumerate(clicks):
        expect(page.page.get_by_role("button", name=name)).to_be_enabled(timeout=30_000)
        if number != 1:
            page.screenshot(f"studio-{number}", ".jp-OutputArea")
            assert page.violations(".jp-OutputArea-output") == []
        page.page.get_by_role("button", name=name).click()
        if name == "Go live":
            page.page.get_by_role("checkbox", name="I may use this face").first.check()
            page.page.get_by_role("button", name="Start", exact=True).wait_for()
            assert page.kernel("studio.session is None"), "no session before consent and Start"
    wait_state(page, "live")
    page.dark()
    assert page.violations(".jp-OutputArea-output") == []
    page.screenshot("studio-live-dark", ".jp-OutputArea")
    page.narrow()
    assert page.violations(".jp-OutputArea-output") == []
    page.screenshot("studio-live-narrow", ".jp-OutputArea")
    page.page.get_by_role("button", name="3 Face").click()
    page.wait_for("studio.view.state == 'live'")
    expect(page.page.get_by_role("button", name="Put this face on")).to_be_enabled()
    page.execute("studio.close()")
    page.wait_for("not studio.client.sandbox.sessions")


def test_text_typed_into_the_form_is_not_saved(notebook):
    # The real service must not be reached.
    page = notebook(["import os\nos.environ['HTTPS_PROXY'] = 'http://127.0.0.1:9'\n" + STUDIO])
    page.run_all()
    page.page.get_by_text("Use my AKOOL account").click()
    key = page.page.get_by_label("API key")
    key.fill("a-very-secret-key")
    page.page.get_by_role("button", name="Sign in").click()
    expect(key).to_have_value("")
    page.page.get_by_role("alert").first.wait_for(timeout=60_000)
    assert "a-very-secret-key" not in str(page.save())
    assert "a-very-secret-key" not in page.kernel("repr(studio.guide.get_state())")
    assert "a-very-secret-key" not in page.page.locator(".akool").first.inner_text()
