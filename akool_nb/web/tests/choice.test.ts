import assert from "node:assert/strict";
import { test } from "node:test";
import { choose } from "../src/picker/choice.ts";

test("a plain click chooses one face instead of the others", () => {
  assert.deepEqual(choose([0, 2], 1, false), [1]);
  assert.deepEqual(choose([1], 1, false), [1]);
});

test("with several allowed, clicks add in order and take back", () => {
  assert.deepEqual(choose([2], 0, true), [2, 0]);
  assert.deepEqual(choose([2, 0], 2, true), [0]);
});
