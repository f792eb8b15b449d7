import assert from "node:assert/strict";
import { test } from "node:test";
import { step } from "../src/ui/controls.ts";
import { channels, luminance } from "../src/ui/theme.ts";

test("arrow keys move along a row and stop at its ends", () => {
  assert.equal(step("ArrowRight", 0, 3), 1);
  assert.equal(step("ArrowRight", 2, 3), -1);
  assert.equal(step("ArrowLeft", 0, 3), -1);
  assert.deepEqual([step("Home", 2, 3), step("End", 0, 3)], [0, 2]);
  assert.equal(step("Enter", 1, 3), -1);
});

test("a page is dark if the background of the widget is dark", () => {
  assert.ok(luminance(channels("rgb(17, 17, 17)")!) < 0.1);
  assert.ok(luminance(channels("rgba(255, 255, 255, 0.9)")!) > 0.9);
  assert.equal(channels("rgba(0, 0, 0, 0)")![3], 0);
  assert.equal(channels("color(srgb 0 0 0)"), null);
});
