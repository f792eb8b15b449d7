import assert from "node:assert/strict";
import { test } from "node:test";
import { Wire } from "./devices.ts";
import { Pulse } from "../src/live/transports/pulse.ts";
import { Channel } from "../src/ui/channel.ts";

function watched(wire: Wire): { pulse: Pulse; ends: number[]; pass(seconds: number, pictured?: boolean): void } {
  const ends: number[] = [];
  let now = 0;
  const pulse = new Pulse(new Channel(wire.model), () => ends.push(now));
  pulse.begin();
  const pass = (seconds: number, pictured = false) => {
    for (let second = 0; second < seconds; second++) pulse.look(pictured || (now++, false));
  };
  return { pulse, ends, pass };
}

test("while the picture is shown the kernel is not asked", () => {
  const wire = new Wire({});
  const { pass, ends } = watched(wire);
  pass(3600, true);
  assert.deepEqual([wire.sent.length, ends.length], [0, 0]);
});

test("a picture missing for long and a kernel silent for minutes end the call", () => {
  const wire = new Wire({});
  const { pass, ends } = watched(wire);
  pass(29);
  assert.deepEqual(wire.sent, []);
  pass(180);
  assert.deepEqual([wire.sent.length, ends], [12, []]);
  pass(1);
  assert.deepEqual(ends, [210]);
});

test("a kernel that answers sometimes keeps the call, however long the picture is missing", () => {
  const wire = new Wire({});
  let question = 0;
  wire.answer = () => ++question % 10 === 0 && wire.receive("pulse");
  const { pass, ends } = watched(wire);
  pass(3600);
  assert.deepEqual(ends, []);
});

test("a picture that returns resets the counters", () => {
  const wire = new Wire({});
  const { pass, ends } = watched(wire);
  pass(200);
  pass(1, true);
  pass(200);
  assert.deepEqual(ends, []);
});
