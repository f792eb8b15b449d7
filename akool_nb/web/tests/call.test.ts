import assert from "node:assert/strict";
import { afterEach, beforeEach, test, type TestContext } from "node:test";
import { browser, lights, moment, prompts, Socket, tracks, until, Wire } from "./devices.ts";
import { Call, RUNNING } from "../src/live/call.ts";
import { Channel } from "../src/ui/channel.ts";
import * as double from "./fake_agora.ts";

const SANDBOX = { session_id: "s", transport: "sandbox", view_url: "ws://127.0.0.1:1/x", camera: "ask" };
const AGORA = { session_id: "a", transport: "agora", view_url: "", camera: "ask" };
const TICKET = {
  app_id: "a",
  channel_id: "c",
  front_user_id: "1",
  algorithm_user_id: "3",
  front_rtc_token: "t",
  mode: "rtc",
  codec: "vp8",
};
const agora = (globalThis as any).__agora;
const calls: Call[] = [];

/** A widget of that state with one view. */
function widget(state: object, views = 1): { call: Call; wire: Wire; unwatch: () => void } {
  const wire = new Wire({ ...state });
  const call = new Call(new Channel(wire.model));
  calls.push(call);
  return { call, wire, unwatch: views ? call.watch(() => undefined) : () => undefined };
}

/** Python answers the question for the join data. */
function withTicket(wire: Wire): void {
  wire.answer = ({ kind }) => kind === "ticket" && setTimeout(() => wire.say("ticket", TICKET));
}

const said = (word: string) =>
  agora.log.filter(([first]: string[]) => first === word).map((entry: unknown[]) => entry.slice(1));

beforeEach(() => {
  (globalThis as any)[Symbol.for("akool_nb.agora")] = Promise.resolve(double);
  Object.assign(agora, { remoteUid: 3, log: [], client: null, slow: {}, unplugged: [] });
  Object.assign(browser, { asks: false, sockets: "open" });
});

afterEach(async () => {
  for (const call of calls.splice(0)) await call.end();
  await moment();
  for (const one of tracks.splice(0)) one.stop();
  prompts.length = 0;
  Socket.all.length = 0;
});

test("a camera that is allowed after the kernel has gone, or the view, is switched off at once", async () => {
  browser.asks = true;
  const { call, wire } = widget(SANDBOX);
  void call.preview();
  await moment();
  wire.emit("comm_live_update");
  prompts[0]!();
  await moment();
  assert.deepEqual([call.state, tracks.length, lights()], ["idle", 1, 0]);
});

test("of two previews only the last one has a camera", async () => {
  browser.asks = true;
  const { call } = widget(SANDBOX);
  void call.preview();
  await moment();
  void call.choose({ camera: "second" });
  await moment();
  prompts.forEach((allow) => allow());
  await moment();
  assert.deepEqual([call.state, tracks.length, lights()], ["preview", 2, 1]);
});

test("the answer of a slow kernel is nothing to a call that was stopped, nor to a preview that runs now", async () => {
  const { call, wire } = widget(AGORA);
  void call.start();
  await moment();
  void call.stop();
  await call.preview();
  wire.say("ticket", TICKET);
  await moment();
  assert.deepEqual([call.state, lights()], ["preview", 1]);
  await call.stop();
  assert.equal(lights(), 0);
});

test("a device chosen while the first one opens takes its place, and both are off at the end", async () => {
  browser.asks = true;
  const { call } = widget(SANDBOX);
  void call.start();
  await moment();
  void call.choose({ camera: "second" });
  await moment();
  assert.equal(prompts.length, 1, "one question at a time");
  prompts[0]!();
  await moment();
  prompts[1]!();
  await moment();
  assert.deepEqual([call.state, tracks.length, lights()], ["joined", 2, 1]);
  await call.stop();
  assert.equal(lights(), 0);
});

test("a call that is stopped while another device is asked for does not enter the channel any more", async () => {
  for (const state of [SANDBOX, AGORA]) {
    browser.asks = true;
    const { call, wire } = widget(state);
    withTicket(wire);
    void call.start();
    await moment();
    void call.choose({ camera: "second" });
    prompts.shift()!();
    await moment();
    void call.stop();
    prompts.shift()!();
    await moment();
    assert.deepEqual([call.state, lights(), Socket.all.length, said("join")], ["stopped", 0, 0, []], state.transport);
  }
});

test("a camera that is off shows no picture while the next one is waited for", async () => {
  const { call, wire } = widget(AGORA);
  await call.preview();
  browser.asks = true;
  void call.choose({ camera: "second" });
  await moment();
  assert.deepEqual([call.state, call.local, lights()], ["preview", null, 0]);
  prompts[0]!();
  await until(() => call.local !== null);
  const starting = call.start(); // Python is busy and sends no ticket yet
  await moment();
  assert.deepEqual([call.state, call.local, lights()], ["starting", null, 0]);
  await call.stop();
  wire.say("ticket", TICKET);
  await starting;
});

test("quick choices one after the other leave one camera on, and stopping in their midst leaves none", async () => {
  for (const state of [SANDBOX, AGORA]) {
    const { call, wire } = widget(state);
    withTicket(wire);
    await call.start();
    await Promise.all([call.choose({ camera: "2" }), call.choose({ camera: "3" })]);
    const seen = agora.client?.remoteUsers.length ?? 0; // the picture that comes back is no camera
    assert.equal(lights() - seen, 1, state.transport);
    browser.asks = true;
    void call.choose({ camera: "4" });
    await moment();
    void call.stop();
    prompts.splice(0).forEach((allow) => allow());
    await moment();
    assert.equal(lights() - seen, 0, state.transport);
    browser.asks = false;
  }
});

test("a camera that is refused in mid-call is told, and the call goes on with the one before", async (t) => {
  for (const state of [SANDBOX, AGORA]) {
    const { call, wire } = widget(state);
    withTicket(wire);
    await call.start();
    const [running, on, { choice }] = [call.state, lights(), call];
    const refused = t.mock.method(navigator.mediaDevices, "getUserMedia", () =>
      Promise.reject(new DOMException("in use", "NotReadableError")),
    );
    await call.choose({ camera: "busy" });
    assert.deepEqual(
      [call.state, wire.state["error_code"], lights(), call.choice],
      [running, "NOT_READABLE", on, choice],
    );
    refused.mock.restore();
    await call.choose({ camera: "busy" });
    assert.deepEqual([call.state, wire.state["error_code"], lights(), call.choice.camera], [running, "", on, "busy"]);
    await call.stop();
  }
});

test("a camera that is chosen while another one is being refused is tried all the same", async (t) => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  const refused = t.mock.method(
    navigator.mediaDevices,
    "getUserMedia",
    () => moment(20).then(() => Promise.reject(new DOMException("in use", "NotReadableError"))),
    { times: 1 },
  );
  await Promise.all([call.choose({ camera: "busy" }), moment(5).then(() => call.choose({ camera: "free" }))]);
  refused.mock.restore();
  assert.deepEqual([call.choice.camera, wire.state["error_code"], lights()], ["free", "", 1]);
});

test("what is muted is muted before anybody hears it", async () => {
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  call.choice = { camera: "", microphone: "" };
  await call.mute("video", true);
  await call.mute("audio", true);
  await call.start();
  assert.deepEqual(said("publish"), [["audio muted,video muted"]]);
});

test("a session that is created leaves the preview alone", async () => {
  const { call, wire } = widget({ ...SANDBOX, session_id: "" });
  await call.preview();
  wire.set("session_id", "new");
  await moment();
  assert.deepEqual([call.state, lights()], ["preview", 1]);
});

test("of two widgets that start together one opens the camera, and both tell Python their figures", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await Promise.all([first.call.start(), second.call.start()]);
  assert.deepEqual([first.call.state, second.call.state, lights(), Socket.all.length], ["joined", "joined", 1, 1]);
  await until(() => (second.wire.state["stats"] as any)?.dropped !== undefined);
  assert.equal((second.wire.state["stats"] as any).dropped, 0);
  assert.equal(second.wire.state["state"], "joined");
});

test("the stream goes on while one of its widgets is seen, whichever it is", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  first.unwatch();
  await moment(1200);
  assert.deepEqual([first.call.state, second.call.state, lights()], ["joined", "joined", 1]);
  second.unwatch();
  await until(() => first.call.state === "stopped" && second.call.state === "stopped");
  assert.equal(lights(), 0);
});

test("Stop in either widget switches the camera off for both", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  await second.call.hangUp();
  assert.deepEqual([first.call.state, second.call.state, lights()], ["stopped", "stopped", 0]);
  await second.call.start();
  await first.call.start();
  await first.call.hangUp();
  assert.deepEqual([first.call.state, second.call.state, lights()], ["stopped", "stopped", 0]);
});

test("a mute in either widget is one of the stream", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  await second.call.mute("video", true);
  assert.deepEqual([first.call.muted.video, second.call.muted.video], [true, true]);
});

test("when the widget whose stream it was is closed, the other goes on with one of its own", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  first.wire.emit("comm_live_update");
  await first.call.end();
  assert.deepEqual([second.call.state, lights()], ["starting", 0]);
  await until(() => second.call.state === "joined");
  assert.deepEqual([lights(), Socket.all.length], [1, 2]);
});

test("when the kernel ends, neither of two widgets goes on", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  for (const { wire } of [first, second]) wire.emit("comm_live_update");
  await until(() => second.call.state === "failed");
  await moment(400); // in which it might go on
  assert.deepEqual(
    [first, second].map(({ wire }) => wire.state["error_code"]),
    ["KERNEL_GONE", "KERNEL_GONE"],
  );
  assert.match(String(second.wire.state["error"]), /Run the cell again/);
  assert.deepEqual([second.call.state, lights()], ["failed", 0]);
});

test("a session that ends is told in both widgets, and neither tries again", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  Socket.all[0]!.say({ end: "hour" });
  await until(() => second.call.state === "failed");
  await moment(400); // in which one might try again
  assert.deepEqual(
    [first, second].map(({ wire }) => wire.state["error_code"]),
    ["TOKEN_EXPIRE", "TOKEN_EXPIRE"],
  );
  assert.deepEqual([lights(), Socket.all.length], [0, 1]);
});

test("frames keep Python informed while timers sleep, once a second", async () => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  clearInterval((call as any).ticker);
  (globalThis as any).createImageBitmap = async () => null;
  Socket.all[0]!.onmessage?.({ data: new ArrayBuffer(9) });
  assert.equal(wire.state["stats"], undefined, "a second that has just begun has no figures yet");
  const told = new Set();
  for (let frame = 0; frame < 44; frame++) {
    Socket.all[0]!.onmessage?.({ data: new ArrayBuffer(9) });
    told.add(wire.state["stats"]);
    await moment(50);
  }
  told.delete(undefined);
  assert.ok(told.size === 2 || told.size === 3, `${told.size} times in 2.2 seconds`);
});

/** A call through Agora that has joined, with a clock that the test moves on. */
async function waiting(t: TestContext): Promise<{ call: Call; wire: Wire; pass(seconds: number): void }> {
  agora.remoteUid = null;
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  let now = performance.now();
  t.mock.method(performance, "now", () => now);
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  void call.start();
  for (let turn = 0; call.state !== "joined" && turn < 100; turn++) {
    await Promise.resolve();
    t.mock.timers.tick(1);
  }
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) t.mock.timers.tick(((now += 1000), 1000));
  };
  return { call, wire, pass };
}

test("without a swapped picture for 25 seconds the likely causes are named", async (t) => {
  const { call, wire, pass } = await waiting(t);
  pass(24);
  assert.equal(wire.state["error_code"], "");
  pass(1);
  assert.equal(wire.state["error_code"], "NO_SWAPPED_VIDEO");
  assert.match(String(wire.state["error"]), /credits/);
  assert.equal(call.state, "joined");
});

test("where no host tells of the kernel's end, camera and channel are off after minutes of silence", async (t) => {
  const { call, wire, pass } = await waiting(t);
  pass(200);
  assert.deepEqual([call.state, lights()], ["joined", 1]);
  pass(20);
  assert.deepEqual([call.state, wire.state["error_code"], lights()], ["failed", "KERNEL_GONE", 0]);
  assert.deepEqual(said("leave"), [[]]);
});

test("a kernel that is busy for minutes is waited for, and named as what is waited for", async (t) => {
  for (const [state, kind] of [
    [AGORA, "ticket"],
    [SANDBOX, "relay"],
  ] as const) {
    browser.sockets = "refused";
    const { call, wire } = widget(state);
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) await moment(0).then(() => t.mock.timers.tick(1000));
    };
    void call.start();
    await pass(9);
    assert.deepEqual([call.state, wire.state["error_code"]], ["starting", ""], kind);
    await pass(2);
    assert.deepEqual([call.state, wire.state["error_code"]], ["starting", "KERNEL_BUSY"], kind);
    await pass(160);
    const { id } = wire.sent.find((message) => message.kind === kind);
    wire.say(kind, kind === "ticket" ? TICKET : { event: "open", id });
    await moment();
    assert.deepEqual(
      [RUNNING.has(call.state), call.state === "starting", wire.state["error_code"]],
      [true, false, ""],
      kind,
    );
    await call.stop();
    t.mock.timers.reset();
  }
});

test(
  "a broken road to the sandbox is mended, and one that stays broken ends the call",
  { timeout: 15_000 },
  async () => {
    const { call, wire } = widget(SANDBOX);
    await call.start();
    Socket.all[0]!.break();
    assert.equal(call.state, "reconnecting");
    await until(() => call.state === "joined");
    assert.deepEqual([Socket.all.length, lights()], [2, 1]);
    browser.sockets = "refused";
    wire.answer = ({ kind, event, id }) =>
      kind === "relay" && event === "open" && setTimeout(() => wire.say("relay", { event: "refused", id }));
    Socket.all[1]!.break();
    await until(() => call.state === "failed");
    assert.deepEqual([call.state, wire.state["error_code"], lights()], ["failed", "SANDBOX_REFUSED", 0]);
  },
);

test("who joined elsewhere is told so by both services", async () => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  Socket.all[0]!.say({ end: "joined elsewhere" });
  assert.equal(wire.state["error_code"], "UID_CONFLICT");
  const other = widget(AGORA);
  withTicket(other.wire);
  await other.call.start();
  agora.client.ban();
  assert.equal(other.wire.state["error_code"], "UID_CONFLICT");
  assert.match(String(other.wire.state["error"]), /another page/);
});

test("an end that nobody foresaw is told with Agora's own reason", async () => {
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  await call.start();
  agora.client.drop();
  assert.equal(wire.state["error_code"], "CHANNEL_GONE");
  assert.match(String(wire.state["error"]), /Create a new session\. \(NETWORK_ERROR\)/);
});

test("a camera that another program uses, or that the page may not have, is told in words", async () => {
  const ask = navigator.mediaDevices.getUserMedia;
  const { call, wire } = widget(SANDBOX);
  (navigator.mediaDevices as any).getUserMedia = () => Promise.reject(new DOMException("in use", "NotReadableError"));
  await call.start();
  assert.deepEqual([call.state, wire.state["error_code"]], ["failed", "NOT_READABLE"]);
  navigator.mediaDevices.getUserMedia = ask;
  (document as any).featurePolicy = { allowsFeature: () => false };
  await call.start();
  assert.deepEqual([call.state, wire.state["error_code"]], ["failed", "BLOCKED_BY_POLICY"]);
  delete (document as any).featurePolicy;
});
