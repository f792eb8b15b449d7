import assert from "node:assert/strict";
import { test } from "node:test";
import { Faces } from "../src/picker/faces.ts";
import { Channel, type Model } from "../src/ui/channel.ts";

const FACE = {
  region: [0, 0, 50, 50],
  landmarks: [
    [20, 20],
    [40, 20],
    [30, 30],
    [30, 40],
  ],
  opts: "20,20:40,20:30,30:30,40",
  path: null,
  crop_opts: "10,5:30,5:20,15:20,25",
};

/** Python's side: its choice, and the messages that it sends. */
function picker(turn: number, ...chosen: number[]) {
  const sent: any[] = [];
  const handlers: ((message: any) => void)[] = [];
  const traits: Record<string, unknown> = { _chosen: { turn, faces: chosen } };
  const model = {
    get: (name: string) => traits[name],
    set: (name: string, value: unknown) => void (traits[name] = value),
    save_changes: () => {},
    send: (message: any) => void sent.push(message),
    on: (_: string, handler: (message: any) => void) => void handlers.push(handler),
    off: () => {},
  } as unknown as Model;
  const faces = new Faces(new Channel(model));
  const post = (message: object) => handlers.forEach((handler) => handler(message));
  const show = (turn: number, count: number) =>
    post({ kind: "faces", turn, width: 100, height: 100, faces: Array(count).fill(FACE), moved: {} });
  const warn = (turn: number, ...warnings: string[][]) => post({ kind: "warnings", turn, warnings });
  return { faces, sent, traits, show, warn };
}

test("a choice that arrives before its faces chooses nothing", () => {
  const { faces, show } = picker(1, 0);
  assert.deepEqual([faces.chosen, faces.sources(), faces.active], [[], [], -1]);
  show(1, 1);
  assert.deepEqual([faces.chosen, faces.active], [[0], 0]);
});

test("a choice names its photo in few bytes", () => {
  const { faces, traits, show } = picker(7);
  show(7, 100);
  faces.choose(98, false);
  assert.deepEqual(traits["_chosen"], { turn: 7, faces: [98] });
  assert.ok(JSON.stringify(traits).length <= 100);
});

test("a plain click chooses one face instead of the others; with several, clicks add in order and take back", () => {
  const { faces, show } = picker(1, 0, 2);
  show(1, 3);
  faces.choose(1, true);
  assert.deepEqual(faces.chosen, [0, 2, 1]);
  faces.choose(2, true);
  assert.deepEqual(faces.chosen, [0, 1]);
  faces.choose(1, false);
  faces.choose(1, false);
  assert.deepEqual(faces.chosen, [1]);
});

test("the choice for one photo does not apply to the next", () => {
  const { faces, show } = picker(1, 2);
  show(1, 3);
  show(2, 2);
  assert.deepEqual([faces.chosen, faces.active], [[], -1]);
});

test("a removed photo leaves nothing to click on", () => {
  const { faces, show } = picker(1, 0);
  show(1, 1);
  show(2, 0);
  assert.deepEqual([faces.list, faces.src, faces.sources()], [[], "", []]);
});

test("warnings arrive after their faces, and those of another photo are not shown", () => {
  const { faces, show, warn } = picker(2);
  show(2, 1);
  warn(1, ["of the photo before"]);
  assert.deepEqual(faces.warnings, []);
  warn(2, ["dark"]);
  assert.deepEqual(faces.warnings, [["dark"]]);
  show(3, 1);
  assert.deepEqual(faces.warnings, []);
});

test("a point cannot be moved out of the crop or into its corner", () => {
  const { faces, sent, show } = picker(1, 0);
  show(1, 1);
  faces.move(0, 0, [-30, -30], "drag 1");
  faces.settle(0);
  assert.equal(sent.at(-1).crop_opts, "1,0:30,5:20,15:20,25");
});

test("only a connected widget requests its faces", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [open, closed] = [picker(1), picker(1)];
  closed.faces.close();
  t.mock.timers.tick(1000);
  assert.deepEqual([open.sent, closed.sent], [[{ kind: "hello" }], []]);
});
