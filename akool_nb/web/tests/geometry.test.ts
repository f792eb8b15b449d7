import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clamp,
  fit,
  movedOpts,
  pan,
  reveal,
  square,
  toPicture,
  zoom,
  zoomTo,
  type Point,
} from "../src/picker/geometry.ts";

const picture = { width: 1000, height: 500 };
const stage = { width: 500, height: 400 };

test("the whole picture is centred on the stage", () => {
  assert.deepEqual(fit(picture, stage), { scale: 0.5, x: 0, y: 75 });
});

test("zooming keeps the point under the pointer in its place", () => {
  const at: Point = [100, 200];
  const before = toPicture(fit(picture, stage), at);
  const after = toPicture(zoom(fit(picture, stage), 4, at, picture, stage), at);
  assert.ok(Math.hypot(before[0] - after[0], before[1] - after[1]) < 1e-9);
});

test("zooming out stops when the picture fits the stage", () => {
  assert.deepEqual(zoom(fit(picture, stage), 0.1, [10, 10], picture, stage), fit(picture, stage));
});

test("a picture cannot be panned out of the stage", () => {
  const near = zoom(fit(picture, stage), 4, [250, 200], picture, stage);
  const far = pan(near, 1e6, -1e6, picture, stage);
  assert.deepEqual([far.x, far.y], [0, stage.height - picture.height * near.scale]);
});

test("zooming to a face centres it with a margin", () => {
  const { scale, x, y } = zoomTo([400, 200, 100, 120], picture, stage);
  assert.ok(120 * scale < stage.height);
  assert.deepEqual([450 * scale + x, 260 * scale + y].map(Math.round), [250, 200]);
});

test("a point outside the stage is brought in, and a point inside does not move", () => {
  const near = { scale: 2, x: 0, y: 0 };
  const shown = reveal(near, [600, 50], picture, stage);
  assert.ok(600 * 2 + shown.x <= stage.width);
  assert.deepEqual(reveal(near, [100, 100], picture, stage), near);
});

test("a point dragged beyond the edge stays inside the picture, on a whole pixel", () => {
  assert.deepEqual(clamp([-50.4, 9999], picture), [0, 499]);
  assert.deepEqual(clamp([12.4, 12.6], picture), [12, 13]);
});

test("a point never becomes 0, 0, which the API reads as no point", () => {
  assert.deepEqual(clamp([-5, -5], picture), [1, 0]);
});

test("opts move with their landmarks and keep the server's rounding", () => {
  const before: Point[] = [
    [249, 510],
    [460, 516],
    [343, 657],
    [351, 739],
  ];
  const after: Point[] = [
    [250, 512],
    [460, 516],
    [343, 657],
    [351, 700],
  ];
  assert.equal(movedOpts("246,510:457,516:340,657:254,739", before, after), "247,512:457,516:340,657:254,700");
});

test("opts without four points are rebuilt from the landmarks", () => {
  const points: Point[] = [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ];
  assert.equal(movedOpts("nonsense", points, points), "1,2:3,4:5,6:7,8");
});

test("a thumbnail is a square inside the picture, also for a face at the edge", () => {
  const [x, y, width, height] = square([940, -20, 80, 90], picture);
  assert.equal(width, height);
  assert.ok(x >= 0 && y >= 0 && x + width <= picture.width && y + height <= picture.height);
});
