"""The base of all browser tests: servers, kernels, camera, themes."""

import sys

import pytest

ASK_FOR_CAMERA = """async () => {
    if (!navigator.mediaDevices) return 'no media API';
    try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: true });
        const { width, height } = stream.getVideoTracks()[0].getSettings();
        stream.getTracks().forEach(track => track.stop());
        return `${width}x${height}`;
    } catch (error) { return error.name } }"""


def test_the_kernel_runs_on_the_python_of_the_tests(reused_notebook):
    page = reused_notebook(["import sys", "answer = 6 * 7", "1 / 0"])
    page.run_all()
    assert page.kernel("sys.executable") == sys.executable
    assert page.wait_for("answer == 42")
    with pytest.raises(AssertionError, match="still"):
        page.wait_for("set()", seconds=0.1)
    assert page.errors() == ["error: ZeroDivisionError: division by zero"]


def test_one_cell_can_be_run_and_the_kernel_restarted(reused_notebook):
    page = reused_notebook(["first = 1", "second = 2"])
    page.run(1)
    assert page.kernel("[name in globals() for name in ('first', 'second')]") == [False, True]
    page.restart_kernel()
    assert page.kernel("'second' in globals()") is False


@pytest.mark.parametrize(
    ("camera", "answer"), [("drawn", "640x480"), ("denied", "NotAllowedError"), ("none", "NotFoundError")]
)
def test_the_camera_behaves_as_requested(lab, browsers, camera, answer):
    with browsers.context(camera).new_page() as page:
        page.goto(f"{lab.url}/api")
        assert page.evaluate(ASK_FOR_CAMERA) == answer


def test_an_insecure_address_has_no_camera(lab, browsers):
    with browsers.context().new_page() as page:
        page.goto(f"{lab.insecure_url}/api")
        assert page.evaluate(ASK_FOR_CAMERA) == "no media API"


def test_themes_and_the_width_of_the_page_can_be_changed(reused_notebook):
    page = reused_notebook(["print('Hello')"])
    page.dark()
    page.narrow()
    assert page.screenshot("harness-dark-narrow").stat().st_size > 1000
    page.dark(False)
    assert page.violations("no-such-element, .jp-Notebook") is not None
