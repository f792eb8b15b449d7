// A click is sent once, however often it is repeated before Python has received it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Presses } from "../src/ui/presses.ts";

function pressed() {
  const sent: string[] = [];
  let looks = 0;
  const presses = new Presses({ post: (kind) => void sent.push(kind) }, () => (looks += 1));
  presses.hear(0, false);
  return { presses, sent, looks: () => looks };
}

test("a double click is one click", () => {
  const { presses, sent, looks } = pressed();
  presses.send("create");
  presses.send("create");
  assert.deepEqual(sent, ["create"]);
  assert.equal(looks(), 1);
});

test("the buttons are disabled from the click until the work is done", () => {
  const { presses, sent } = pressed();
  presses.send("create");
  presses.hear(0, false); // something else has changed meanwhile
  assert.equal(presses.rests, true);
  presses.hear(1, true);
  presses.send("end");
  assert.equal(presses.rests, true);
  presses.hear(1, false);
  assert.equal(presses.rests, false);
  presses.send("end");
  assert.deepEqual(sent, ["create", "end"]);
});

test("a refused click enables the buttons again", () => {
  const { presses } = pressed();
  presses.send("create");
  presses.hear(1, false);
  assert.equal(presses.rests, false);
});

test("an urgent click is sent while Python is busy, and everything else is disabled until it is done", () => {
  const { presses, sent } = pressed();
  presses.hear(1, true);
  presses.send("end", {}, true);
  presses.hear(1, false);
  assert.equal(presses.rests, true);
  presses.hear(2, false);
  assert.equal(presses.rests, false);
  assert.deepEqual(sent, ["end"]);
});
