import assert from "node:assert/strict";
import { test } from "node:test";
import { Edits } from "../src/picker/edits.ts";
import type { Point } from "../src/picker/geometry.ts";

const found: Point[][] = [
  [
    [10, 10],
    [30, 10],
  ],
  [
    [50, 50],
    [70, 50],
  ],
];
const edits = () => new Edits(found, { width: 100, height: 100 });

test("moving a point does not change the other points and faces", () => {
  const now = edits();
  now.move(0, 1, [33, 12], "drag 1");
  assert.deepEqual(now.points(0), [
    [10, 10],
    [33, 12],
  ]);
  assert.equal(now.edited(1), false);
});

test("a drag is one undo step, whatever its number of moves", () => {
  const now = edits();
  for (const x of [31, 32, 33]) now.move(0, 1, [x, 10], "drag 1");
  now.move(0, 0, [11, 10], "drag 2");
  now.undo();
  assert.deepEqual(now.points(0), [
    [10, 10],
    [33, 10],
  ]);
  now.undo();
  assert.deepEqual(now.points(0), found[0]);
  assert.equal(now.undo(), null);
});

test("undo returns the index of the changed face", () => {
  const now = edits();
  now.move(1, 0, [51, 50], "drag 1");
  assert.equal(now.undo(), 1);
});

test("reset restores the detector's points, and can be undone", () => {
  const now = edits();
  now.move(0, 0, [11, 11], "drag 1");
  now.reset(0);
  assert.equal(now.edited(0), false);
  now.undo();
  assert.deepEqual(now.points(0)[0], [11, 11]);
});

test("a point moved back leaves the face unchanged", () => {
  const now = edits();
  now.move(0, 0, [11, 10], "keys 0");
  now.move(0, 0, [10, 10], "keys 0");
  assert.equal(now.edited(0), false);
});

test("points stay inside the crop and away from its corner", () => {
  const now = new Edits(found, { width: 100, height: 100 }, [
    [
      [4, 6],
      [0, 0],
    ],
  ]);
  now.move(0, 0, [0, 50], "drag 1");
  assert.deepEqual(now.points(0)[0], [4, 50]);
  now.move(0, 0, [0, 0], "drag 2");
  assert.deepEqual(now.points(0)[0], [5, 6]);
});

test("points stay inside the picture", () => {
  const now = edits();
  now.move(0, 0, [-40, 500], "drag 1");
  assert.deepEqual(now.points(0)[0], [0, 99]);
});
