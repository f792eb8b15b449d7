// The uploader's camera panel, without a page around it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lights, moment, track, Wire } from "./devices.ts";
import { shot } from "../src/uploader/shot.ts";
import { Channel } from "../src/ui/channel.ts";
import { Bag } from "../src/ui/dom.ts";

/** The last created element, by tag. */
const made: Record<string, any> = {};

/** An element that can be created, shown and clicked; a canvas also makes a JPEG. */
function element(tag: string): HTMLElement {
  const does = ["append", "setAttribute", "getAttribute", "replaceChildren", "focus"].map((name) => [
    name,
    () => undefined,
  ]);
  const canvas = { getContext: () => ({ drawImage: () => undefined }), toBlob: (take: BlobCallback) => take(JPEG) };
  const plain = { hidden: false, readyState: 0, contains: () => false, getRootNode: () => document };
  made[tag] = Object.assign(new EventTarget(), plain, canvas, Object.fromEntries(does));
  // The first button of the panel is "Take the photo".
  if (tag === "button") made["shoot"] ??= made[tag];
  return made[tag];
}
const JPEG = new Blob(["a photo"]);
Object.assign(document, { createElement: element, createElementNS: (_: string, tag: string) => element(tag) });

/** A camera panel, its photos and its messages. */
function panelOf() {
  const taken: Blob[] = [];
  const said: string[] = [];
  delete made["shoot"];
  const channel = new Channel(new Wire({}).model);
  const panel = shot(
    channel,
    new Bag(),
    (jpeg) => taken.push(jpeg),
    (text) => said.push(text),
    element("div"),
  );
  const video = made["video"];
  const press = () => made["shoot"].dispatchEvent(new Event("click"));
  const showFrame = () => {
    video.readyState = 2;
    video.dispatchEvent(new Event("loadeddata"));
    return moment();
  };
  return { panel, taken, said, press, showFrame };
}

const refused = () => moment(20).then(() => Promise.reject(new DOMException("in use", "NotReadableError")));
const opened = async () => new MediaStream([Object.assign(track(), { getSettings: () => ({}) })]);

test("a camera that fails after another one has replaced it does not close that one", async (t) => {
  const ask = t.mock.method(navigator.mediaDevices, "getUserMedia", opened);
  ask.mock.mockImplementationOnce(refused);
  const { panel, said } = panelOf();
  const late = panel.open();
  await panel.open();
  await late;
  assert.deepEqual([said, panel.element.hidden, lights()], [[], false, 1]);
  panel.close();
  assert.equal(lights(), 0);
});

test("a press before the camera's first frame waits for it, and two presses take one photo", async (t) => {
  t.mock.method(navigator.mediaDevices, "getUserMedia", opened);
  const { panel, taken, press, showFrame } = panelOf();
  await panel.open();
  press();
  press();
  await moment();
  assert.equal(taken.length, 0);
  await showFrame();
  assert.deepEqual([taken, panel.element.hidden, lights()], [[JPEG], true, 0]);
});

test("a press that still waits takes no photo after the camera is closed, also not of the next camera", async (t) => {
  t.mock.method(navigator.mediaDevices, "getUserMedia", opened);
  const { panel, taken, press, showFrame } = panelOf();
  await panel.open();
  press();
  panel.close();
  await panel.open();
  await showFrame();
  assert.deepEqual([taken, lights()], [[], 1]);
  panel.close();
});
