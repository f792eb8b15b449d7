// The uploader's camera panel, without a page around it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lights, moment, track, Wire } from "./devices.ts";
import { shot } from "../src/uploader/shot.ts";
import { Channel } from "../src/ui/channel.ts";
import { Bag } from "../src/ui/dom.ts";

/** An element that can be built and shown. */
function element(): HTMLElement {
  const does = ["append", "setAttribute", "addEventListener", "replaceChildren", "focus"].map((name) => [
    name,
    () => undefined,
  ]);
  return { hidden: false, contains: () => false, getRootNode: () => document, ...Object.fromEntries(does) };
}
Object.assign(document, { createElement: element, createElementNS: element });

const refused = () => moment(20).then(() => Promise.reject(new DOMException("in use", "NotReadableError")));
const opened = async () => new MediaStream([Object.assign(track(), { getSettings: () => ({}) })]);

test("a camera that fails late, when another one has taken its place, does not close that one", async (t) => {
  const ask = t.mock.method(navigator.mediaDevices, "getUserMedia", opened);
  ask.mock.mockImplementationOnce(refused);
  const said: string[] = [];
  const panel = shot(
    new Channel(new Wire({}).model),
    new Bag(),
    () => undefined,
    (text) => said.push(text),
    element(),
  );
  const late = panel.open();
  await panel.open();
  await late;
  assert.deepEqual([said, panel.element.hidden, lights()], [[], false, 1]);
  panel.close();
  assert.equal(lights(), 0);
});
