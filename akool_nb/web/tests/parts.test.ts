import assert from "node:assert/strict";
import { test } from "node:test";
import { moment, Wire } from "./devices.ts";
import type { PartModel } from "../src/studio/part_model.ts";
import { Parts } from "../src/studio/parts.ts";

const PLACE = { name: "picker", key: "k", shown: true };

/** A studio with one part that has its first state, or none yet. */
async function studio(state: object | null = { _key: "own", error: "" }) {
  const wire = new Wire({ _places: [PLACE] });
  const began: PartModel[] = [];
  const ended: string[] = [];
  const initialize = ({ model }: { model: unknown }) => {
    began.push(model as PartModel);
    return () => void ended.push("picker");
  };
  const parts = new Parts(wire.model, { picker: { initialize, render: () => () => undefined } });
  const receive = (data: object, page?: string) => wire.receive("part", { key: "k", data, page });
  if (state) receive({ method: "update", state });
  await moment();
  return { wire, parts, began, ended, receive };
}

test("a part requests its state and begins when the state arrives", async () => {
  const { wire, began, receive } = await studio(null);
  assert.deepEqual([wire.sent.length, wire.sent[0].key, wire.sent[0].data], [1, "k", { method: "request_state" }]);
  receive({ method: "update", state: { error: "early" } });
  await moment();
  assert.equal(began.length, 0);
  receive({ method: "update", state: { _key: "own" } });
  await moment();
  assert.equal(began[0]!.get("error"), "early");
});

test("traits and messages of a part go through the studio, and its own echo changes nothing", async () => {
  const { wire, began, receive } = await studio();
  const [model] = began;
  const heard: unknown[] = [];
  model!.on("change:error", () => heard.push(model!.get("error")));
  model!.on("msg:custom", (content) => heard.push(content));
  model!.set("error", "first");
  model!.save_changes();
  model!.set("error", "second");
  model!.send({ kind: "hello" });
  const [, update, custom] = wire.sent;
  assert.deepEqual(update.data, { method: "update", state: { error: "first" } });
  assert.deepEqual(custom.data, { method: "custom", content: { kind: "hello" } });
  receive({ method: "echo_update", state: { error: "first" } }, update.page);
  assert.equal(model!.get("error"), "second");
  receive({ method: "echo_update", state: { error: "third" } }, "another page");
  receive({ method: "custom", content: { kind: "news" } });
  assert.deepEqual(heard, ["first", "second", "third", { kind: "news" }]);
});

test("a removed part ends and receives nothing more, and the last parts end with the studio", async () => {
  const { wire, parts, began, ended, receive } = await studio();
  wire.set("_places", [{ ...PLACE, key: "next" }]);
  assert.deepEqual(ended, ["picker"]);
  receive({ method: "update", state: { error: "late" } });
  assert.equal(began[0]!.get("error"), "");
  wire.receive("part", { key: "next", data: { method: "update", state: { _key: "another" } } });
  await moment();
  parts.close();
  assert.deepEqual([began.length, ended.length, wire.of("msg:custom").size], [2, 2, 0]);
});

test("the end of the kernel reaches every part", async () => {
  const { wire, began } = await studio();
  let gone = 0;
  began[0]!.on("comm_live_update", () => gone++);
  wire.emit("comm_live_update");
  assert.equal(gone, 1);
});
