import assert from "node:assert/strict";
import { test } from "node:test";
import { poseAt } from "../src/live/drawn/drawn_face.ts";
import { explain, problem } from "../src/live/errors.ts";
import { addresses } from "../src/live/transports/links.ts";
import { isGone } from "../src/live/view/menus.ts";
import { Meter } from "../src/live/transports/statistics.ts";
import { smooth } from "../src/live/drawn/sketch.ts";
import { LiveError, within } from "../src/live/transports/transport.ts";
import { progress } from "../src/panel/progress.ts";
import { TABLE } from "../src/texts/live_errors.ts";
import { camera } from "../src/texts/shared.ts";
import { withXmp } from "../src/live/provenance/jpeg.ts";
import { withTags } from "../src/live/provenance/webm.ts";
import { isOwn } from "../src/ui/keys.ts";
import { minutes } from "../src/ui/time.ts";

test("every error is a whole sentence", () => {
  for (const [code, text] of Object.entries(TABLE)) assert.match(text, /^[A-Z].*[.)]$/s, code);
});

test("the browser's and Agora's names for one failure give one sentence", () => {
  const denied = explain(new DOMException("no", "NotAllowedError"));
  assert.equal(denied.code, "PERMISSION_DENIED");
  assert.deepEqual(explain({ code: "PERMISSION_DENIED", message: "AgoraRTCError" }), denied);
  assert.deepEqual(explain("denied"), denied);
});

test("an error of Agora's SDK is shown in our own words, with what to do", () => {
  const codeOf = (code: string) => explain(Object.assign(new Error(`AgoraRTCError ${code}: so it is`), { code })).code;
  assert.equal(codeOf("MEDIA_OPTION_INVALID"), "CAMERA_UNFIT");
  assert.equal(codeOf("CONSTRAINT_NOT_SATISFIED"), "CAMERA_UNFIT");
  assert.equal(codeOf("WEB_SECURITY_RESTRICT"), "INSECURE_PAGE");
  assert.equal(codeOf("TIMEOUT"), "JOIN_TIMEOUT");
  for (const code of [
    "NETWORK_RESPONSE_ERROR",
    "NOT_SUPPORTED",
    "ENUMERATE_DEVICES_FAILED",
    "ICE_FAILED",
    "SUBSCRIBE_FAILED",
    "UID_CONFLICT",
  ]) {
    assert.equal(codeOf(code), code);
    assert.ok(!explain({ code }).message.includes("unforeseen"), code);
  }
});

test("every failure of ui/camera.ts has a sentence", () => {
  for (const failure of Object.keys(camera)) assert.notEqual(explain(failure).code, "UNEXPECTED", failure);
});

test("a remembered device is forgotten if others exist and it does not", () => {
  const there = [{ id: "front", label: "Front" }];
  assert.equal(isGone("old", there), true);
  assert.equal(isGone("old", []), false, "before a permission the browser names none");
  for (const chosen of ["", "drawn", "off", "front"]) assert.equal(isGone(chosen, there), false, chosen);
});

test("the access point's numbers are parsed", () => {
  const refused = (reason: string) =>
    explain({ code: "CAN_NOT_GET_GATEWAY_SERVER", message: "", data: { desc: [reason] } }).code;
  assert.equal(refused("flag: 4096, code: 2010005"), "APP_ID_UNKNOWN");
  assert.equal(refused("flag: 4096, code: 2010013"), "TOKEN_EXPIRE");
  assert.equal(refused("dynamic key expired"), "TOKEN_EXPIRE");
  assert.equal(refused("flag: 4096, code: 2010009"), "TOKEN_INVALID");
  assert.equal(refused("something new"), "GATEWAY_REFUSED");
});

test("an unknown error keeps its own text, cut to a limit", () => {
  const { code, message } = explain(new Error("x".repeat(900)));
  assert.equal(code, "UNEXPECTED");
  assert.ok(message.length < 300 && message.includes("xxx"));
  assert.equal(problem("NOT_IN_THE_TABLE").message, TABLE["UNEXPECTED"]);
});

test("a promise that takes too long is an error with our code, and its late failure is ignored", async () => {
  const never = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 20));
  await assert.rejects(within(never, 5, "JOIN_TIMEOUT"), (error: LiveError) => error.code === "JOIN_TIMEOUT");
  assert.equal(await within(Promise.resolve(7), 5, "JOIN_TIMEOUT"), 7);
});

test("the meter counts one second", () => {
  const meter = new Meter();
  for (let frame = 0; frame < 60; frame++) {
    meter.sent(1000, frame * 50);
    meter.answered(2000, 15, frame * 50 + 15);
    meter.shown(40, 640, 480, frame * 50 + 20);
  }
  const figures = meter.figures(2999);
  assert.ok(Math.abs((figures.fps_in as number) - 20) <= 1);
  assert.ok(Math.abs((figures.kbps_out as number) - 160) <= 8);
  assert.deepEqual([figures.width, figures.round_trip_ms, figures.delay_ms], [640, 15, 40]);
  assert.equal(meter.drain().length, 60);
  assert.equal(meter.drain().length, 0);
  assert.equal(meter.figures(9000).fps_in, 0);
});

test("the drawn face stays in the picture, smiles, speaks, blinks and turns", () => {
  const poses = Array.from({ length: 480 }, (_, index) => poseAt(index / 20));
  const reaches = (name: keyof ReturnType<typeof poseAt>, least: number, most: number) => {
    const values = poses.map((pose) => pose[name]);
    assert.ok(Math.abs(Math.min(...values) - least) < 0.02 && Math.abs(Math.max(...values) - most) < 0.02, name);
  };
  reaches("smile", 0, 1);
  reaches("mouth", 0, 0.97);
  reaches("blink", 0, 1);
  reaches("turn", -0.35, 0.35);
  reaches("drift", -0.05, 0.05);
  reaches("size", 0.87, 0.97);
});

test("a smooth line goes through its points", () => {
  const line = smooth(
    [
      [0, 0],
      [1, 3],
      [2, 1],
      [3, 5],
      [4, 4],
    ],
    9,
  );
  assert.deepEqual(
    [line[0], line[2], line[4], line[8]],
    [
      [0, 0],
      [1, 3],
      [2, 1],
      [4, 4],
    ],
  );
});

const VIEW = "ws://127.0.0.1:4711/live/c?uid=1&token=k";
const HUB = JSON.stringify({ baseUrl: "/user/ada/" });

test("the address behind the Jupyter server keeps path and key", () => {
  const page = { origin: "https://hub.example.org", hostname: "hub.example.org" } as Location;
  assert.deepEqual(addresses(VIEW, page, HUB), ["wss://hub.example.org/user/ada/proxy/4711/live/c?uid=1&token=k"]);
});

test("127.0.0.1 is tried only by a page of the same machine", () => {
  const direct = (hostname: string) => addresses(VIEW, { origin: `http://${hostname}`, hostname } as Location, null);
  for (const here of ["localhost", "127.0.0.1", "[::1]", "lab.localhost"]) assert.deepEqual(direct(here), [VIEW], here);
  for (const far of ["hub.example.org", "192.168.1.7", "127.example.org", "localhost.example.org", ""])
    assert.deepEqual(direct(far), [], far);
});

test("a key with Ctrl or Cmd is left to the notebook program, except for editing", () => {
  const key = (key: string, ctrlKey = false, metaKey = false) => isOwn({ key, ctrlKey, metaKey });
  assert.deepEqual(
    [key("s"), key("Enter"), key("z", true), key("C", true), key("Enter", true)],
    [true, true, true, true, true],
  );
  assert.deepEqual(
    [key("s", true), key("s", false, true), key("S", true), key("f", true)],
    [false, false, false, false],
  );
});

test("a picture contains its origin, and only the first piece of a recording gets tags", () => {
  const film = Uint8Array.of(
    0x1a,
    0x45,
    0xdf,
    0xa3,
    0x80,
    0x18,
    0x53,
    0x80,
    0x67,
    0x01,
    255,
    255,
    255,
    255,
    255,
    255,
    255,
    7,
  );
  const tagged = withTags(film);
  assert.deepEqual([...tagged.subarray(0, 17)], [...film.subarray(0, 17)]);
  assert.match(new TextDecoder().decode(tagged), /DIGITAL_SOURCE_TYPE.*compositeWithTrainedAlgorithmicMedia/s);
  assert.equal(tagged.at(-1), 7);
  const piece = Uint8Array.of(1, 2, 3);
  assert.equal(withTags(piece), piece);
});

test("a JPEG keeps its bytes around the packet with its origin", () => {
  const marked = withXmp(Uint8Array.of(0xff, 0xd8, 1, 2, 3));
  const length = ((marked[4] as number) << 8) | (marked[5] as number);
  assert.deepEqual([...marked.subarray(0, 4)], [0xff, 0xd8, 0xff, 0xe1]);
  assert.deepEqual([...marked.subarray(4 + length)], [1, 2, 3]);
  assert.match(new TextDecoder().decode(marked), /compositeWithTrainedAlgorithmicMedia/);
});

test("a session's steps are marked up to the last one reached", () => {
  const session = { id: "a", status: 1, closed: false, joined: false, seen: false, expires_at: 0 };
  const marks = (changes: object) => progress({ ...session, ...changes }).map(([, mark]) => mark);
  assert.deepEqual(marks({}), ["now", "later", "later", "later", "later"]);
  assert.deepEqual(marks({ status: 2, joined: true, seen: true }), ["done", "done", "done", "now", "later"]);
  assert.deepEqual(marks({ status: 2, closed: true }), ["done", "done", "later", "later", "done"]);
  assert.deepEqual(progress({ ...session, status: 4 }).at(-1), ["failed", "bad"]);
});

test("durations are written in words", () => {
  assert.deepEqual([0, 65, 3599].map(minutes), ["0:00", "1:05", "59:59"]);
});
