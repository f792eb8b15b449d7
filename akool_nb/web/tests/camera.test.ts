// Which camera is opened if the browser cannot give exactly what was requested.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { track } from "./devices.ts";
import { choices, openSource } from "../src/live/transports/media.ts";
import { openCamera as openStream } from "../src/ui/camera.ts";

type Wanted = MediaTrackConstraints & { deviceId?: { exact: string }; frameRate?: { min?: number } };

/** A browser that refuses the constraints in `refused`; it returns the requests that it received. */
function asking(t: TestContext, refused: (video: Wanted) => string | null): Wanted[] {
  const asked: Wanted[] = [];
  t.mock.method(navigator.mediaDevices, "getUserMedia", async ({ video }: { video: Wanted }) => {
    asked.push(video);
    const constraint = refused(video);
    if (constraint !== null) throw Object.assign(new Error(), { name: "OverconstrainedError", constraint });
    return new MediaStream([track()]);
  });
  return asked;
}

const ids = (asked: Wanted[]) => asked.map(({ deviceId }) => deviceId?.exact ?? "any");

test("a camera without 20 frames per second is opened with its own rate, and no other one instead", async (t) => {
  for (const name of ["frameRate", ""]) {
    const asked = asking(t, ({ frameRate }) => (frameRate?.min ? name : null));
    await openSource("chosen");
    assert.deepEqual(ids(asked), ["chosen", "chosen"], name);
    t.mock.restoreAll();
  }
});

test("an unplugged camera is replaced by any other, even if the browser does not name the failure", async (t) => {
  const asked = asking(t, ({ deviceId }) => (deviceId ? "deviceId" : null));
  await openSource("gone");
  assert.deepEqual(ids(asked), ["gone", "any"]);
  t.mock.restoreAll();
  const silent = asking(t, ({ deviceId }) => (deviceId ? "" : null));
  await openSource("gone");
  assert.deepEqual(ids(silent), ["gone", "gone", "any"]);
  t.mock.restoreAll();
  const photo = asking(t, ({ deviceId }) => (deviceId ? "" : null));
  await openStream("gone", { width: { ideal: 1280 } });
  assert.deepEqual(ids(photo), ["gone", "any"]);
});

test("if the browser does not list its devices there are none to choose from", async (t) => {
  t.mock.method(navigator.mediaDevices, "enumerateDevices", () =>
    Promise.reject(new DOMException("hidden", "InvalidStateError")),
  );
  assert.deepEqual(await choices("videoinput", "Camera"), []);
});
