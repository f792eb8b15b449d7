import assert from "node:assert/strict";
import { afterEach, beforeEach, test, type TestContext } from "node:test";
import { browser, connected, lights, moment, prompts, Socket, tracks, until, Wire } from "./devices.ts";
import { Call } from "../src/live/call.ts";
import { Report, RUNNING } from "../src/live/report.ts";
import { SandboxTransport } from "../src/live/transports/sandbox.ts";
import { Channel } from "../src/ui/channel.ts";
import * as double from "./fake_agora.ts";

const SANDBOX = { session_id: "s", transport: "sandbox", view_url: "ws://127.0.0.1:1/x", camera: "ask", consent: true };
const AGORA = { session_id: "a", transport: "agora", view_url: "", camera: "ask", consent: true };
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

/** A widget with this state and one view. */
function widget(state: object, views = 1): { call: Call; wire: Wire; unwatch: () => void } {
  const wire = new Wire({ ...state });
  const call = new Call(new Channel(wire.model));
  calls.push(call);
  return { call, wire, unwatch: views ? call.views.add(() => undefined) : () => undefined };
}

/** Python answers the request for the join data. */
function withTicket(wire: Wire): void {
  wire.answer = ({ kind }) => kind === "ticket" && setTimeout(() => wire.receive("ticket", TICKET));
}

const sdkCalls = (name: string) =>
  agora.log.filter(([first]: string[]) => first === name).map((entry: unknown[]) => entry.slice(1));

beforeEach(() => {
  (globalThis as any)[Symbol.for("akool_nb.agora")] = Promise.resolve(double);
  Object.assign(agora, { remoteUid: 3, log: [], client: null, slow: {}, unplugged: [], unfit: [] });
  Object.assign(browser, { asks: false, sockets: "open" });
});

afterEach(async () => {
  for (const call of calls.splice(0)) await call.end();
  await moment();
  for (const one of tracks.splice(0)) one.stop();
  prompts.length = 0;
  Socket.all.length = 0;
});

test("a camera that is allowed after the kernel or the view has ended is turned off at once", async () => {
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

test("a late answer of the kernel does not affect a stopped call or a running preview", async () => {
  const { call, wire } = widget(AGORA);
  void call.start();
  await moment();
  void call.stop();
  await call.preview();
  wire.receive("ticket", TICKET);
  await moment();
  assert.deepEqual([call.state, lights()], ["preview", 1]);
  await call.stop();
  assert.equal(lights(), 0);
});

test("a device chosen while the first one opens replaces it, and both are off at the end", async () => {
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

test("a call stopped while another device is requested does not join the channel", async () => {
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
    assert.deepEqual(
      [call.state, lights(), Socket.all.length, sdkCalls("join")],
      ["stopped", 0, 0, []],
      state.transport,
    );
  }
});

test("a camera that is turned off shows no picture while the next one opens", async () => {
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
  wire.receive("ticket", TICKET);
  await starting;
});

test("quick choices leave one camera on, and stopping between them leaves none", async () => {
  for (const state of [SANDBOX, AGORA]) {
    const { call, wire } = widget(state);
    withTicket(wire);
    await call.start();
    await Promise.all([call.choose({ camera: "2" }), call.choose({ camera: "3" })]);
    assert.equal(lights(), 1, state.transport);
    browser.asks = true;
    void call.choose({ camera: "4" });
    await moment();
    void call.stop();
    prompts.splice(0).forEach((allow) => allow());
    await moment();
    assert.equal(lights(), 0, state.transport);
    browser.asks = false;
  }
});

test("a camera that is refused during a call is reported, and the call continues with the previous one", async (t) => {
  for (const state of [SANDBOX, AGORA]) {
    const { call, wire } = widget(state);
    withTicket(wire);
    await call.start();
    const [running, on, { choice }] = [call.state, lights(), call];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const refused = t.mock.method(navigator.mediaDevices, "getUserMedia", (wanted: any) =>
      wanted.video?.deviceId ? Promise.reject(new DOMException("in use", "NotReadableError")) : open(wanted),
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

test("a camera chosen while another one is being refused is tried", async (t) => {
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

test("a muted track is muted before it is published", async () => {
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  call.devices.wanted = { camera: "", microphone: "" };
  await call.mute("video", true);
  await call.mute("audio", true);
  await call.start();
  assert.deepEqual(sdkCalls("publish"), [["audio muted,video muted"]]);
});

test("creating a session does not change the preview", async () => {
  const { call, wire } = widget({ ...SANDBOX, session_id: "" });
  await call.preview();
  wire.set("session_id", "new");
  await moment();
  assert.deepEqual([call.state, lights()], ["preview", 1]);
});

test("of two widgets with one session the one started last has the call", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await first.call.start();
  await second.call.start();
  assert.deepEqual([first.call.state, second.call.state, lights()], ["stopped", "joined", 1]);
  await first.call.start();
  assert.deepEqual([first.call.state, second.call.state, lights()], ["joined", "stopped", 1]);
  await first.call.stop();
  assert.equal(lights(), 0);
});

test("of two widgets that start together one opens the camera", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  await Promise.all([first.call.start(), second.call.start()]);
  assert.deepEqual([first.call.state, second.call.state, lights(), tracks.length], ["stopped", "joined", 1, 1]);
  await until(() => (second.wire.state["stats"] as any)?.dropped !== undefined);
  assert.equal(first.wire.state["stats"], undefined);
});

test("the widget that takes the call reports before the other one ends, so the session stays open", async () => {
  const [first, second] = [widget(SANDBOX), widget(SANDBOX)];
  const reports: unknown[] = [];
  for (const [name, { wire }] of Object.entries({ first, second }))
    wire.saved = () => reports.push([name, wire.state["state"]]);
  await first.call.start();
  await second.call.start();
  const order = reports.map((report) => String(report));
  assert.ok(order.indexOf("second,starting") < order.indexOf("first,stopped"), order.join(" "));
});

test("moving a view ends nothing, and a call without a view ends", async () => {
  const { call, unwatch } = widget(SANDBOX);
  await call.start();
  unwatch();
  const again = call.views.add(() => undefined);
  await moment(1200);
  assert.deepEqual([call.state, lights()], ["joined", 1]);
  again();
  await until(() => call.state === "stopped");
  assert.equal(lights(), 0);
});

test("the end of the kernel ends the call of the widget that has it", async () => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  wire.emit("comm_live_update");
  await moment();
  assert.deepEqual([call.state, wire.state["error_code"], lights()], ["failed", "KERNEL_GONE", 0]);
  assert.match(String(wire.state["error"]), /Run the cell again/);
});

/** One widget in two tabs. */
function twoTabs(state: object): { a: Call; b: Call; wire: Wire } {
  const [a, b] = [new Wire({ ...state }), new Wire({ ...state })];
  connected(a, b);
  const tabs = [a, b].map((wire, index) => {
    const channel = new Channel(wire.model);
    const call = new Call(channel, new Report(channel, `page ${index}`));
    call.views.add(() => undefined);
    calls.push(call);
    return call;
  });
  return { a: tabs[0]!, b: tabs[1]!, wire: a };
}

test("a second tab shows that the call runs elsewhere, and its close or preview reports nothing", async () => {
  const { a, b, wire } = twoTabs(SANDBOX);
  await a.start();
  assert.deepEqual([a.elsewhere, b.elsewhere, b.state], [false, true, "idle"]);
  await b.start();
  await b.preview();
  await b.stop();
  (b as any).leavePage();
  await moment();
  assert.deepEqual([wire.state["state"], wire.state["page"], lights()], ["joined", "1-page 0", 1]);
  assert.deepEqual(wire.sent, []);
});

test("a preview opened before the other tab started changes nothing when it ends", async () => {
  const { a, b, wire } = twoTabs(SANDBOX);
  await b.preview();
  await a.start();
  await b.stop();
  assert.deepEqual([wire.state["state"], b.state, lights()], ["joined", "idle", 1]);
});

test("a second tab can take the call over, and the first one then reports nothing", async () => {
  const { a, b, wire } = twoTabs(SANDBOX);
  await a.start();
  const states: unknown[] = [];
  wire.model.on("change:state", () => states.push(wire.state["state"]));
  await b.takeOver();
  await moment();
  assert.deepEqual([a.state, a.elsewhere, b.state, lights()], ["stopped", true, "joined", 1]);
  assert.ok(!states.includes("stopped"), String(states));
  await b.stop();
  assert.deepEqual([wire.state["state"], a.elsewhere], ["stopped", false]);
});

test("of two tabs that start together, the one whose report Python sends back stops", async () => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  const [page] = wire.state["_report"] as [string];
  assert.deepEqual([page, Number.parseInt(page)], [wire.state["page"], 1]);
  const others = { state: "starting", page: "1-other" };
  Object.assign(wire.state, others);
  for (const name of Object.keys(others)) wire.emit(`change:${name}`);
  await moment();
  assert.deepEqual([call.state, call.elsewhere, wire.state["state"], lights()], ["stopped", true, "starting", 0]);
  await call.takeOver();
  assert.match(String(wire.state["page"]), /^2-/);
});

test("the drawn face starts in the tab that ran the cell and not in a tab opened later", async () => {
  const { a, b } = twoTabs({ ...SANDBOX, camera: "drawn" });
  await a.start();
  await b.start();
  assert.deepEqual([a.state, b.state], ["joined", "idle"]);
});

test("a view that creates its session requests the consent, the camera and the session in this order", async () => {
  browser.asks = true;
  const { call, wire } = widget({ camera: "ask", creates: true, consent: false, session_id: "" });
  const asked: (() => void)[] = [];
  call.askConsent = (action) => asked.push(action);
  await call.start();
  assert.deepEqual([asked.length, prompts.length, wire.sent], [1, 0, []]);
  asked[0]!();
  await until(() => prompts.length === 1);
  assert.deepEqual(wire.sent, []);
  prompts.shift()!();
  await until(() => wire.sent.length === 1);
  assert.deepEqual([wire.sent, lights()], [[{ kind: "pulse" }], 1]);
  wire.receive("pulse");
  await until(() => wire.sent.some(({ kind }) => kind === "create"));
  // Threads of Python answer, so the answer may arrive before the traits.
  wire.receive("create", { refused: "", session_id: "s" });
  await moment();
  assert.equal(call.state, "starting");
  for (const [name, value] of Object.entries({ ...SANDBOX, consent: true })) wire.set(name, value);
  await until(() => prompts.length === 1);
  assert.equal(lights(), 1, "the camera stays on until the call has it");
  prompts.shift()!();
  await until(() => call.state === "joined");
  assert.equal(lights(), 1);
  await call.stop();
  assert.equal(lights(), 0);
});

/** Python answers the pulse, and the request for a session with this. */
function creating(wire: Wire, answer?: object): void {
  wire.answer = ({ kind }) =>
    setTimeout(() => {
      if (kind === "pulse") wire.receive("pulse");
      if (kind === "create" && answer) wire.receive("create", answer);
    });
}

test("leaving before the camera is allowed, or a refused session, turns the camera off", async () => {
  browser.asks = true;
  const { call, wire } = widget({ camera: "ask", creates: true, consent: true, session_id: "" });
  void call.start();
  await until(() => prompts.length === 1);
  await call.stop();
  prompts.shift()!();
  await moment();
  assert.deepEqual([wire.sent, lights()], [[], 0]);
  browser.asks = false;
  creating(wire, { refused: "1104", session_id: "" });
  await call.start();
  assert.deepEqual([call.state, call.trouble?.code, lights()], ["failed", "NOT_CREATED", 0]);
  assert.match(call.trouble?.message ?? "", /1104/);
});

test("leaving while Python opens the session withdraws it, and while Python is busy requests none", async () => {
  const { call, wire } = widget({ camera: "ask", creates: true, consent: true, session_id: "" });
  void call.start();
  await until(() => wire.sent.length === 1);
  await call.stop();
  wire.receive("pulse");
  await moment();
  assert.deepEqual([wire.sent, lights()], [[{ kind: "pulse" }], 0]);
  creating(wire);
  void call.start();
  await until(() => wire.sent.some(({ kind }) => kind === "create"));
  const { question } = wire.sent.find(({ kind }) => kind === "create");
  await call.stop();
  assert.deepEqual([wire.sent.at(-1), lights()], [{ kind: "withdraw", question }, 0]);
  wire.receive("create", { refused: "", session_id: "s" });
  await moment();
  assert.equal(call.state, "stopped");
});

test("no control opens a camera without consent: not Start, the preview, the menu, nor Python", async () => {
  const { call, wire } = widget({ ...SANDBOX, consent: false });
  const asked: (() => void)[] = [];
  call.askConsent = (action) => asked.push(action);
  await call.start();
  await call.preview();
  wire.receive("start");
  await call.choose({ camera: "drawn" });
  await call.start();
  assert.deepEqual([call.state, asked.length], ["joined", 3]);
  await call.choose({ camera: "front" });
  assert.deepEqual([call.choice.camera, tracks.length, asked.length], ["drawn", 0, 4]);
  wire.set("consent", true);
  asked[3]!();
  await until(() => tracks.length === 1);
  assert.deepEqual([call.choice.camera, lights()], ["front", 1]);
});

test("a warning about the microphone stays when the picture arrives, and the menu shows no microphone", async () => {
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  agora.unplugged = ["default microphone", "broken"];
  call.devices.wanted = { camera: "front", microphone: "broken" };
  await call.start();
  await until(() => call.state === "live");
  assert.deepEqual([wire.state["error_code"], call.choice.microphone], ["MICROPHONE_FAILED", "off"]);
  agora.unplugged = [];
  await call.choose({ microphone: "broken" });
  assert.deepEqual(sdkCalls("publish").at(-1), ["audio"]);
});

test("a picture lost while the own picture is hidden does not request a new session", async () => {
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  await call.start();
  await until(() => call.state === "live");
  await call.mute("video", true);
  agora.client.hide(3);
  await moment();
  assert.equal(wire.state["error_code"], "PICTURE_HIDDEN");
  assert.doesNotMatch(String(wire.state["error"]), /new session/);
});

test("a mirrored view mirrors the picture from the first frame on, and later", async (t) => {
  const flips: boolean[] = [];
  t.mock.method(SandboxTransport.prototype, "mirror", (yes: boolean) => flips.push(yes));
  const { call, wire } = widget({ ...SANDBOX, mirror: true });
  await call.start();
  wire.set("mirror", false);
  assert.deepEqual(flips, [true, false]);
});

test("frames report to Python once per second while timers are suspended", async () => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  clearInterval((call as any).seconds.timer);
  (globalThis as any).createImageBitmap = async () => null;
  Socket.all[0]!.onmessage?.({ data: new ArrayBuffer(9) });
  assert.equal(wire.state["stats"], undefined, "a second that has just begun has no figures yet");
  const reports = new Set();
  for (let frame = 0; frame < 44; frame++) {
    Socket.all[0]!.onmessage?.({ data: new ArrayBuffer(9) });
    reports.add(wire.state["stats"]);
    await moment(50);
  }
  reports.delete(undefined);
  assert.ok(reports.size === 2 || reports.size === 3, `${reports.size} times in 2.2 seconds`);
});

/** A call through Agora that has joined, with a clock that the test sets. */
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

test("without a swapped picture for 25 seconds the likely causes are shown", async (t) => {
  const { call, wire, pass } = await waiting(t);
  pass(24);
  assert.equal(wire.state["error_code"], "");
  pass(1);
  assert.equal(wire.state["error_code"], "NO_SWAPPED_VIDEO");
  assert.match(String(wire.state["error"]), /credits/);
  assert.equal(call.state, "joined");
});

test("if the host does not report the end of the kernel, camera and channel are off after minutes", async (t) => {
  const { call, wire, pass } = await waiting(t);
  pass(200);
  assert.deepEqual([call.state, lights()], ["joined", 1]);
  pass(20);
  assert.deepEqual([call.state, wire.state["error_code"], lights()], ["failed", "KERNEL_GONE", 0]);
  assert.deepEqual(sdkCalls("leave"), [[]]);
});

test("a kernel that is busy for minutes is waited for and named", async (t) => {
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
    wire.receive(kind, kind === "ticket" ? TICKET : { event: "open", id });
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
  "a broken connection to the sandbox is opened again, and one that stays broken ends the call",
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
      kind === "relay" && event === "open" && setTimeout(() => wire.receive("relay", { event: "refused", id }));
    Socket.all[1]!.break();
    await until(() => call.state === "failed");
    assert.deepEqual([call.state, wire.state["error_code"], lights()], ["failed", "SANDBOX_REFUSED", 0]);
  },
);

test("both services report that the user has joined elsewhere", async () => {
  const { call, wire } = widget(SANDBOX);
  await call.start();
  Socket.all[0]!.receive({ end: "joined elsewhere" });
  assert.equal(wire.state["error_code"], "UID_CONFLICT");
  const other = widget(AGORA);
  withTicket(other.wire);
  await other.call.start();
  agora.client.ban();
  assert.equal(other.wire.state["error_code"], "UID_CONFLICT");
  assert.match(String(other.wire.state["error"]), /another page/);
});

test("an unknown end is reported with the reason of Agora", async () => {
  const { call, wire } = widget(AGORA);
  withTicket(wire);
  await call.start();
  agora.client.drop();
  assert.equal(wire.state["error_code"], "CHANNEL_GONE");
  assert.match(String(wire.state["error"]), /Create a new session\. \(NETWORK_ERROR\)/);
});

test("a camera used by another program or forbidden for the page is reported in words", async () => {
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
