import assert from "node:assert/strict";
import { test } from "node:test";
import { browser, moment, Wire } from "./devices.ts";
import { Call } from "../src/live/call.ts";
import { openRelay } from "../src/live/transports/links.ts";
import { Channel } from "../src/ui/channel.ts";

/** The kernel's side, as widgets/relay.py does it: one relay at a time, each with its number. */
function kernel(wire: Wire): { opens: string[] } {
  const opens: string[] = [];
  wire.answer = ({ kind, event, id }) => {
    if (kind !== "relay") return;
    if (event === "open") setTimeout(() => wire.receive("relay", { event: "open", id }), 5);
    if (event === "open") opens.push(id);
    if (event === "close") setTimeout(() => wire.receive("relay", { event: "closed", id }), 5);
  };
  return { opens };
}

const silent = { frame: () => undefined, text: () => undefined, broke: () => undefined };

test("messages of an earlier relay are ignored", async () => {
  const wire = new Wire({});
  const { opens } = kernel(wire);
  const received: unknown[] = [];
  const listener = {
    ...silent,
    text: (message: object) => received.push(message),
    broke: () => received.push("broke"),
  };
  await openRelay(new Channel(wire.model), listener);
  wire.receive("relay", { event: "closed", id: "older" });
  wire.receive("relay", { event: "text", id: "older", text: "{}" });
  wire.receive("relay", { event: "text", id: opens[0], text: '{"status":3}' });
  assert.deepEqual(received, [{ status: 3 }]);
});

test("a relay that broke, was closed or was given up receives nothing more", async () => {
  const wire = new Wire({});
  const { opens } = kernel(wire);
  let broken = 0;
  const listener = { ...silent, broke: () => void (broken += 1) };
  await openRelay(new Channel(wire.model), listener);
  wire.receive("relay", { event: "closed", id: opens[0] });
  wire.receive("relay", { event: "closed", id: opens[0] });
  (await openRelay(new Channel(wire.model), listener)).close();
  wire.answer = () => undefined;
  await assert.rejects(openRelay(new Channel(wire.model), listener, 5));
  assert.deepEqual([broken, wire.of("msg:custom").size], [1, 0]);
  assert.deepEqual(
    wire.sent.at(-1),
    { kind: "relay", event: "close", id: wire.sent.at(-2).id },
    "the kernel is notified too",
  );
});

test("stopping and starting again through the kernel opens exactly two relays", async () => {
  browser.sockets = "refused";
  const wire = new Wire({
    session_id: "s",
    transport: "sandbox",
    view_url: "ws://127.0.0.1:1/x",
    camera: "ask",
    consent: true,
  });
  const { opens } = kernel(wire);
  const call = new Call(new Channel(wire.model));
  call.views.add(() => undefined);
  const before = wire.of("msg:custom").size;
  await call.start();
  await call.stop();
  await call.start();
  await moment(500);
  assert.deepEqual([call.state, opens.length, wire.of("msg:custom").size - before], ["joined", 2, 1]);
  await call.end();
  browser.sockets = "open";
});
