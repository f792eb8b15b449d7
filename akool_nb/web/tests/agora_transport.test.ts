import assert from "node:assert/strict";
import { afterEach, beforeEach, test, type TestContext } from "node:test";
import { lights, moment, shownTrack, track, tracks } from "./devices.ts";
import { AgoraTransport, type JoinTicket } from "../src/live/transports/agora.ts";
import type { Sdk } from "../src/live/transports/sdk.ts";
import type { Choice, Listener } from "../src/live/transports/transport.ts";
import { explain } from "../src/live/errors.ts";
import * as double from "./fake_agora.ts";

const TICKET: JoinTicket = {
  app_id: "a",
  channel_id: "c",
  front_user_id: "1",
  algorithm_user_id: "3",
  front_rtc_token: "t",
  app_id_differs: false,
  mode: "rtc",
  codec: "vp8",
};
const [ALGORITHM, STRANGER, OTHER] = [3, 77, 88];
const agora = (globalThis as any).__agora;
let heard: unknown[][] = [];
const transports: AgoraTransport[] = [];

const word =
  (name: string) =>
  (...args: unknown[]) =>
    void heard.push([name, ...args]);
const listener: Listener = {
  pictured: () => void heard.push(["pictured", shownTrack()]),
  lost: word("lost"),
  reconnecting: word("reconnecting"),
  ended: word("ended"),
  beat: word("beat"),
  soundHeld: word("soundHeld"),
  silenced: word("silenced"),
  warned: word("warned"),
};
const said = (name: string) =>
  agora.log.filter(([first]: string[]) => first === name).map((entry: unknown[]) => entry.slice(1));

/** A transport in the channel, where nobody is yet. */
async function joined(choice: Partial<Choice> = {}, ticket: Partial<JoinTicket> = {}): Promise<AgoraTransport> {
  const transport = new AgoraTransport(double as unknown as Sdk, { ...TICKET, ...ticket }, listener, "AI-swapped");
  transports.push(transport);
  await transport.open({ camera: "", microphone: "off", ...choice });
  await transport.join();
  return transport;
}

beforeEach(() => Object.assign(agora, { remoteUid: null, log: [], client: null, slow: {}, unplugged: [], unfit: [] }));

afterEach(async () => {
  for (const transport of transports.splice(0)) await transport.leave();
  heard = [];
  tracks.splice(0);
});

test("a stranger whose picture is slow does not take the algorithm's place", async () => {
  await joined();
  const [slow, right] = [track(), track()];
  agora.slow = { [STRANGER]: 30, [ALGORITHM]: 5 };
  agora.client.show(STRANGER, slow);
  agora.client.show(ALGORITHM, right);
  await moment(60);
  assert.deepEqual(heard, [["pictured", right]]);
  assert.ok(
    said("unsubscribe").some(([uid]: number[]) => uid === STRANGER),
    "and costs nothing any more",
  );
});

test("the algorithm takes the place of a stranger, whose sound ends with the picture", async () => {
  await joined();
  agora.client.show(STRANGER, track());
  await moment();
  agora.client.show(STRANGER, track("audio"));
  await moment();
  const right = track();
  agora.client.show(ALGORITHM, right);
  await moment();
  assert.deepEqual(heard.at(-1), ["pictured", right]);
  assert.deepEqual(said("unsubscribe"), [[STRANGER]]);
  assert.deepEqual(said("silence").at(-1), [STRANGER]);
});

test("a stranger's sound neither is fetched nor keeps others from being shown", async () => {
  await joined();
  agora.client.show(STRANGER, track("audio"));
  const shown = track();
  agora.client.show(OTHER, shown);
  await moment();
  assert.deepEqual(said("subscribe"), [[OTHER, "video"]]);
  assert.deepEqual(heard, [["pictured", shown]]);
});

test("the sound of who is shown is heard only when it is wanted", async () => {
  const transport = await joined();
  agora.client.show(ALGORITHM, track("audio"));
  agora.client.show(ALGORITHM, track());
  await moment();
  assert.deepEqual(said("subscribe"), [
    [ALGORITHM, "video"],
    [ALGORITHM, "audio"],
  ]);
  assert.deepEqual(said("play"), []);
  transport.listen(true);
  assert.deepEqual(said("play"), [[ALGORITHM]]);
});

test("when who is shown leaves, the next one is looked for among those who are there", async () => {
  await joined();
  const [first, second] = [track(), track()];
  agora.client.show(STRANGER, first);
  await moment();
  agora.client.show(OTHER, second);
  agora.client.quit(STRANGER);
  await moment();
  agora.client.hide(OTHER);
  assert.deepEqual(heard, [["pictured", first], ["pictured", second], ["lost"]]);
});

test("a picture that is published anew is fetched anew", async () => {
  await joined();
  const [before, after] = [track(), track()];
  agora.client.show(ALGORITHM, before);
  await moment();
  agora.client.show(ALGORITHM, after);
  await moment();
  assert.deepEqual(heard, [
    ["pictured", before],
    ["pictured", after],
  ]);
});

test("a picture that cannot be fetched is told, and tried again when it is published again", async () => {
  await joined();
  const fetch = agora.client.subscribe;
  agora.client.subscribe = async () => Promise.reject(Object.assign(new Error(), { code: "SUBSCRIBE_FAILED" }));
  agora.client.show(ALGORITHM, track());
  await moment();
  assert.deepEqual(heard.at(-1), ["warned", "SUBSCRIBE_FAILED"]);
  agora.client.subscribe = fetch;
  agora.client.show(ALGORITHM, track());
  await moment();
  assert.equal(heard.at(-1)?.[0], "pictured");
});

test("another camera replaces the pictures of the track that is published, and nothing else", async () => {
  const transport = await joined({ microphone: "" });
  agora.log.length = 0;
  const { local } = await transport.change({ camera: "2", microphone: "" });
  assert.deepEqual(
    agora.log.map(([first]: string[]) => first),
    ["replaceTrack"],
  );
  assert.equal(local.getTracks()[0]?.readyState, "live");
  assert.equal(lights(), 2, "a camera and a microphone");
  await transport.change({ camera: "drawn", microphone: "" });
  await transport.leave();
  assert.equal(lights(), 0);
});

test("another microphone leaves the picture alone", async () => {
  const transport = await joined();
  agora.log.length = 0;
  await transport.change({ camera: "", microphone: "" });
  await transport.change({ camera: "", microphone: "2" });
  await transport.change({ camera: "", microphone: "off" });
  assert.deepEqual(said("publish"), [["audio"], ["audio"]]);
  assert.deepEqual(said("unpublish"), [["audio"], ["audio"]]);
  assert.equal(lights(), 1, "the camera");
  await transport.leave();
});

test("what is muted stays so with another device", async () => {
  const transport = await joined({ microphone: "" });
  await transport.mute("audio", true);
  await transport.mute("video", true);
  const { local } = await transport.change({ camera: "2", microphone: "2" });
  assert.deepEqual(said("publish").at(-1), ["audio muted"]);
  assert.equal(local.getTracks()[0]?.enabled, false);
  await transport.leave();
});

test("leaving while devices are being changed leaves no light on", async () => {
  for (const wait of [0, 1, 2, 3, 4, 5]) {
    const transport = await joined({ microphone: "" });
    const changing = transport.change({ camera: "2", microphone: "2" }).catch(() => undefined);
    for (let turn = 0; turn < wait; turn++) await Promise.resolve();
    await transport.leave();
    await changing;
    assert.equal(lights(), 0, `after ${wait} turns`);
  }
});

test("a camera that the SDK refuses is switched off, and so is one that it takes after we left", async (t) => {
  const transport = await joined();
  const { video } = (transport as any).devices;
  t.mock.method(video, "replaceTrack", () => Promise.reject(new Error("INVALID_OPERATION")), { times: 1 });
  await assert.rejects(transport.change({ camera: "2", microphone: "off" }));
  assert.equal(lights(), 1, "the one before");
  const replace = video.replaceTrack.bind(video);
  t.mock.method(video, "replaceTrack", (...args: unknown[]) => moment(5).then(() => replace(...args)));
  const changing = transport.change({ camera: "2", microphone: "off" }).catch(() => undefined);
  await moment(2);
  await transport.leave();
  await changing;
  assert.equal(lights(), 0);
});

test("a microphone that opens while we are leaving is switched off", async () => {
  const transport = await joined({ microphone: "" });
  agora.client.unpublish = () => moment(5).then(() => Promise.reject(new Error("OPERATION_ABORTED")));
  const changing = transport.change({ camera: "", microphone: "2" }).catch(() => undefined);
  await moment(2);
  await transport.leave();
  await changing;
  assert.equal(lights(), 0);
});

test("a remembered camera that is not there any more is replaced by any other", async () => {
  agora.unplugged = ["old"];
  await joined({ camera: "old" });
  assert.deepEqual(
    said("createCameraVideoTrack").map(([config]: any[]) => config.cameraId),
    ["old", undefined],
  );
  assert.equal(lights(), 1);
});

test("a camera that is there, but has no 20 frames a second, is opened with what it has", async (t) => {
  agora.unfit = ["slow", ""];
  t.mock.method(navigator.mediaDevices, "enumerateDevices", async () => [{ kind: "videoinput", deviceId: "slow" }]);
  for (const camera of ["slow", ""]) {
    agora.log.length = 0;
    const transport = await joined({ camera });
    const asked = said("createCameraVideoTrack").map(([config]: any[]) => config);
    assert.deepEqual(
      asked.map(({ cameraId = "" }: any) => cameraId),
      [camera, camera],
    );
    assert.deepEqual(asked[1].encoderConfig.frameRate, { ideal: 20 });
    await transport.leave();
  }
});

test("a chosen camera that is there is never replaced, and its failure is one of the camera", async (t) => {
  agora.unplugged = ["broken"];
  t.mock.method(navigator.mediaDevices, "enumerateDevices", async () => [
    { kind: "videoinput", deviceId: "broken" },
    { kind: "videoinput", deviceId: "other" },
  ]);
  const failure = await joined({ camera: "broken" }).catch((error) => error);
  assert.equal(explain(failure).code, "CAMERA_UNFIT");
  assert.deepEqual(
    new Set(said("createCameraVideoTrack").map(([config]: any[]) => config.cameraId)),
    new Set(["broken"]),
  );
  assert.equal(lights(), 0);
});

test("a camera or microphone that the user refuses is not asked for a second time", async (t) => {
  const refusal = Object.assign(new Error("AgoraRTCError PERMISSION_DENIED"), { code: "PERMISSION_DENIED" });
  const asked = t.mock.method(navigator.mediaDevices, "getUserMedia", () => Promise.reject(refusal));
  await assert.rejects(joined({ camera: "chosen" }), { code: "PERMISSION_DENIED" });
  assert.equal(asked.mock.callCount(), 1);
});

test("a remembered microphone that is not there any more is replaced by the default one", async () => {
  agora.unplugged = ["old"];
  await joined({ microphone: "old" });
  assert.deepEqual(said("publish"), [["audio,video"]]);
  assert.deepEqual(heard, []);
});

test("a microphone that cannot be opened, or is pulled out, is off from then on", async () => {
  agora.unplugged = ["default microphone", "old"];
  const transport = await joined({ microphone: "old" });
  assert.deepEqual([heard, said("publish")], [[["silenced", "MICROPHONE_FAILED"]], [["video"]]]);
  agora.unplugged = [];
  await transport.change({ camera: "", microphone: "old" });
  assert.deepEqual(said("publish").at(-1), ["audio"], "the same one may be chosen again");
  (transport as any).devices.audio.getMediaStreamTrack().end();
  await moment();
  assert.deepEqual(heard.at(-1), ["silenced", "MICROPHONE_ENDED"]);
  assert.deepEqual(said("unpublish").at(-1), ["audio"]);
  assert.equal(lights(), 1, "the camera");
});

/** A machine on which only one camera can be open at a time. */
function oneCameraAtATime(t: TestContext, broken = ""): void {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  t.mock.method(navigator.mediaDevices, "getUserMedia", (wanted: any) => {
    const isTaken = lights() > 0 || (broken && wanted.video?.deviceId?.exact === broken);
    return isTaken ? Promise.reject(new DOMException("in use", "NotReadableError")) : open(wanted);
  });
}

test("where only one camera can be open, the other one is opened after the first is closed", async (t) => {
  oneCameraAtATime(t);
  const transport = await joined();
  const { local, failure } = await transport.change({ camera: "back", microphone: "off" });
  assert.deepEqual([failure, local.getTracks()[0]?.readyState, lights()], [undefined, "live", 1]);
});

test("where only one camera can be open and the other one fails, the first is opened again", async (t) => {
  oneCameraAtATime(t, "back");
  const transport = await joined();
  const { local, failure } = await transport.change({ camera: "back", microphone: "off" });
  assert.deepEqual([failure, local.getTracks()[0]?.readyState, lights()], ["busy", "live", 1]);
  assert.deepEqual(heard, [], "the camera that was closed on purpose is no failure");
});

test("after a reconnect the new track is shown, though nothing is published a second time", async () => {
  agora.remoteUid = ALGORITHM;
  await joined();
  await moment();
  const before = shownTrack();
  agora.client.reconnect();
  await agora.client.comeBackOnline();
  await moment();
  const user = agora.client.remoteUsers[0];
  assert.notEqual(shownTrack(), before);
  assert.equal(shownTrack(), user.videoTrack.getMediaStreamTrack());
  assert.equal(heard.filter(([name]) => name === "pictured").length, 2);
  assert.equal(said("subscribe").length, 1);
});

test("a track of the channel that ends without any event is a picture that went away", async () => {
  await joined();
  const shown = track();
  agora.client.show(ALGORITHM, shown);
  await moment();
  (shown as any).end();
  assert.deepEqual(heard.at(-1), ["lost"]);
});

test("in live mode the client is a host, who may publish", async () => {
  await joined({}, { mode: "live" });
  assert.deepEqual(said("publish"), [["video"]]);
});

test("the cloud proxy is started before the channel is joined", async () => {
  for (const [name, mode] of [
    ["udp", 3],
    ["tcp", 5],
  ] as const) {
    agora.log.length = 0;
    await joined({}, { cloud_proxy: name });
    const order = agora.log
      .map(([first]: string[]) => first)
      .filter((one: string) => /^(startProxyServer|join)$/.test(one));
    assert.deepEqual([order, said("startProxyServer")], [["startProxyServer", "join"], [[mode]]]);
  }
  agora.log.length = 0;
  await joined();
  assert.deepEqual(said("startProxyServer"), []);
});

test("the delay of the way back alone is not called the delay from camera to picture", async () => {
  agora.remoteUid = ALGORITHM;
  const transport = await joined();
  assert.equal(transport.figures().delay_ms, null);
});

test("an app id that is not the token's is told before anything is opened", async () => {
  await joined({}, { app_id_differs: true });
  assert.deepEqual(heard[0], ["warned", "APP_ID_DIFFERS"]);
});

test("the end of the hour is told as that, whatever the SDK says first", async () => {
  await joined();
  agora.client.expire();
  assert.deepEqual(heard[0], ["ended", "TOKEN_EXPIRE"]);
});

test("an end that nobody foresaw keeps Agora's reason", async () => {
  await joined();
  agora.client.drop();
  assert.deepEqual(heard, [["ended", "CHANNEL_GONE", "NETWORK_ERROR"]]);
});

test("a camera that is pulled out ends the call, also after it took another one's place", async () => {
  const transport = await joined();
  const { local } = await transport.change({ camera: "2", microphone: "off" });
  (local.getTracks()[0] as any).end();
  assert.deepEqual(heard, [["ended", "CAMERA_ENDED"]]);
});
