import "./devices.ts";
import { track, until, moment, Wire } from "./devices.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "../src/live/call.ts";
import { FrameSender } from "../src/live/frame_sender.ts";
import { Channel } from "../src/ui/channel.ts";

/** Frames as Chromium delivers them, given by the test. */
class Frames {
  static newest: ReadableStreamDefaultController;
  readable = new ReadableStream({ start: (controller) => void (Frames.newest = controller) });
}

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
const frame = { displayWidth: 640, displayHeight: 480, close: () => undefined };
Object.assign(globalThis, { MediaStreamTrackProcessor: Frames });
OffscreenCanvas.prototype.convertToBlob = async () => new Blob([JPEG]);

/** A call whose picture is live, and its messages to Python. */
function live(): { wire: Wire; call: Call; sender: FrameSender; give(): Promise<void> } {
  const wire = new Wire({});
  const remote = { stream: new MediaStream([track()]) };
  const channel = new Channel(wire.model);
  const call = { channel, running: true, elsewhere: false, remote, local: null, muted: { video: false }, delay: 33 };
  const sender = new FrameSender(call as unknown as Call);
  const give = async () => {
    Frames.newest.enqueue(frame);
    await moment();
  };
  return { wire, call: call as unknown as Call, sender, give };
}

test("the next frame is sent only after Python has taken the last", async () => {
  const { wire, give } = live();
  wire.receive("frames", { id: "a", every: 0, own: false });
  await give();
  await until(() => wire.sent.length === 1);
  for (let count = 0; count < 3; count++) await give();
  assert.equal(wire.sent.length, 1, "Python is busy: the frames are dropped");
  wire.receive("frames_taken", { id: "a" });
  await give();
  await until(() => wire.sent.length === 2);
  assert.deepEqual([wire.sent[0].kind, wire.sent[0].id, wire.sent[0].delay], ["frame", "a", 33]);
});

test("no frame is sent before its time", async () => {
  const { wire, give } = live();
  wire.receive("frames", { id: "a", every: 60, own: false });
  await give();
  await until(() => wire.sent.length === 1);
  wire.receive("frames_taken", { id: "a" });
  await give();
  assert.equal(wire.sent.length, 1);
});

test("a call without a picture sends nothing, and the next picture is sent without a new request", async () => {
  const { wire, call, sender, give } = live();
  wire.receive("frames", { id: "a", every: 0, own: false });
  const { remote } = call;
  call.remote = null;
  sender.look();
  call.remote = remote;
  sender.look();
  await give();
  await until(() => wire.sent.length === 1);
  wire.receive("frames_end", { id: "a" });
  await moment();
  assert.throws(() => Frames.newest.enqueue(frame), "the frames are not read any more");
});

test("Python learns once that the call has ended, and nothing from a page whose call goes on elsewhere", async () => {
  const { wire, call, sender } = live();
  wire.receive("frames", { id: "a", every: 0, own: false });
  Object.assign(call, { remote: null, running: false, elsewhere: true });
  sender.look();
  assert.deepEqual(wire.sent, []);
  Object.assign(call, { elsewhere: false });
  sender.look();
  sender.look();
  assert.deepEqual(wire.sent, [{ kind: "frames_over" }]);
});
