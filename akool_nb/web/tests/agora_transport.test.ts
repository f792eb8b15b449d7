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
const [ALGORITHM, OTHER_USER, OTHER] = [3, 77, 88];
const agora = (globalThis as any).__agora;
let events: unknown[][] = [];
const transports: AgoraTransport[] = [];

const recorder =
  (name: string) =>
  (...args: unknown[]) =>
    void events.push([name, ...args]);
const listener: Listener = {
  pictured: () => void events.push(["pictured", shownTrack()]),
  lost: recorder("lost"),
  reconnecting: recorder("reconnecting"),
  ended: recorder("ended"),
  beat: recorder("beat"),
  soundHeld: recorder("soundHeld"),
  silenced: recorder("silenced"),
  warned: recorder("warned"),
};
const sdkCalls = (name: string) =>
  agora.log.filter(([first]: string[]) => first === name).map((entry: unknown[]) => entry.slice(1));

/** A transport that has joined a channel without other users. */
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
  events = [];
  tracks.splice(0);
});

test("another user whose picture loads slowly is not shown in place of the algorithm", async () => {
  await joined();
  const [slow, right] = [track(), track()];
  agora.slow = { [OTHER_USER]: 30, [ALGORITHM]: 5 };
  agora.client.show(OTHER_USER, slow);
  agora.client.show(ALGORITHM, right);
  await moment(60);
  assert.deepEqual(events, [["pictured", right]]);
  assert.ok(
    sdkCalls("unsubscribe").some(([uid]: number[]) => uid === OTHER_USER),
    "and costs nothing any more",
  );
});

test("the algorithm replaces another user, whose sound stops too", async () => {
  await joined();
  agora.client.show(OTHER_USER, track());
  await moment();
  agora.client.show(OTHER_USER, track("audio"));
  await moment();
  const right = track();
  agora.client.show(ALGORITHM, right);
  await moment();
  assert.deepEqual(events.at(-1), ["pictured", right]);
  assert.deepEqual(sdkCalls("unsubscribe"), [[OTHER_USER]]);
  assert.deepEqual(sdkCalls("silence").at(-1), [OTHER_USER]);
});

test("the sound of another user is not subscribed and does not delay other pictures", async () => {
  await joined();
  agora.client.show(OTHER_USER, track("audio"));
  const shown = track();
  agora.client.show(OTHER, shown);
  await moment();
  assert.deepEqual(sdkCalls("subscribe"), [[OTHER, "video"]]);
  assert.deepEqual(events, [["pictured", shown]]);
});

test("the sound of the shown user is played only on request", async () => {
  const transport = await joined();
  agora.client.show(ALGORITHM, track("audio"));
  agora.client.show(ALGORITHM, track());
  await moment();
  assert.deepEqual(sdkCalls("subscribe"), [
    [ALGORITHM, "video"],
    [ALGORITHM, "audio"],
  ]);
  assert.deepEqual(sdkCalls("play"), []);
  transport.listen(true);
  assert.deepEqual(sdkCalls("play"), [[ALGORITHM]]);
});

test("after the shown user has left the next user in the channel is shown", async () => {
  await joined();
  const [first, second] = [track(), track()];
  agora.client.show(OTHER_USER, first);
  await moment();
  agora.client.show(OTHER, second);
  agora.client.quit(OTHER_USER);
  await moment();
  agora.client.hide(OTHER);
  assert.deepEqual(events, [["pictured", first], ["pictured", second], ["lost"]]);
});

test("a picture that is published again is subscribed again", async () => {
  await joined();
  const [before, after] = [track(), track()];
  agora.client.show(ALGORITHM, before);
  await moment();
  agora.client.show(ALGORITHM, after);
  await moment();
  assert.deepEqual(events, [
    ["pictured", before],
    ["pictured", after],
  ]);
});

test("a failed subscription is reported, and repeated after the next publication", async () => {
  await joined();
  const fetch = agora.client.subscribe;
  agora.client.subscribe = async () => Promise.reject(Object.assign(new Error(), { code: "SUBSCRIBE_FAILED" }));
  agora.client.show(ALGORITHM, track());
  await moment();
  assert.deepEqual(events.at(-1), ["warned", "SUBSCRIBE_FAILED"]);
  agora.client.subscribe = fetch;
  agora.client.show(ALGORITHM, track());
  await moment();
  assert.equal(events.at(-1)?.[0], "pictured");
});

test("another camera replaces only the pictures of the published track", async () => {
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

test("another microphone does not change the picture", async () => {
  const transport = await joined();
  agora.log.length = 0;
  await transport.change({ camera: "", microphone: "" });
  await transport.change({ camera: "", microphone: "2" });
  await transport.change({ camera: "", microphone: "off" });
  assert.deepEqual(sdkCalls("publish"), [["audio"], ["audio"]]);
  assert.deepEqual(sdkCalls("unpublish"), [["audio"], ["audio"]]);
  assert.equal(lights(), 1, "the camera");
  await transport.leave();
});

test("a muted track stays muted with another device", async () => {
  const transport = await joined({ microphone: "" });
  await transport.mute("audio", true);
  await transport.mute("video", true);
  const { local } = await transport.change({ camera: "2", microphone: "2" });
  assert.deepEqual(sdkCalls("publish").at(-1), ["audio muted"]);
  assert.equal(local.getTracks()[0]?.enabled, false);
  await transport.leave();
});

test("leaving while devices change turns every device off", async () => {
  for (const wait of [0, 1, 2, 3, 4, 5]) {
    const transport = await joined({ microphone: "" });
    const changing = transport.change({ camera: "2", microphone: "2" }).catch(() => undefined);
    for (let turn = 0; turn < wait; turn++) await Promise.resolve();
    await transport.leave();
    await changing;
    assert.equal(lights(), 0, `after ${wait} turns`);
  }
});

test("a camera that the SDK refuses, or accepts after leaving, is turned off", async (t) => {
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

test("a microphone that opens while leaving is turned off", async () => {
  const transport = await joined({ microphone: "" });
  agora.client.unpublish = () => moment(5).then(() => Promise.reject(new Error("OPERATION_ABORTED")));
  const changing = transport.change({ camera: "", microphone: "2" }).catch(() => undefined);
  await moment(2);
  await transport.leave();
  await changing;
  assert.equal(lights(), 0);
});

test("a remembered camera that is missing is replaced by any other", async () => {
  agora.unplugged = ["old"];
  await joined({ camera: "old" });
  assert.deepEqual(
    sdkCalls("createCameraVideoTrack").map(([config]: any[]) => config.cameraId),
    ["old", undefined],
  );
  assert.equal(lights(), 1);
});

test("a camera without 20 frames per second is opened with its own rate", async (t) => {
  agora.unfit = ["slow", ""];
  t.mock.method(navigator.mediaDevices, "enumerateDevices", async () => [{ kind: "videoinput", deviceId: "slow" }]);
  for (const camera of ["slow", ""]) {
    agora.log.length = 0;
    const transport = await joined({ camera });
    const asked = sdkCalls("createCameraVideoTrack").map(([config]: any[]) => config);
    assert.deepEqual(
      asked.map(({ cameraId = "" }: any) => cameraId),
      [camera, camera],
    );
    assert.deepEqual(asked[1].encoderConfig.frameRate, { ideal: 20 });
    await transport.leave();
  }
});

test("a chosen camera that exists is not replaced, and its failure is a camera error", async (t) => {
  agora.unplugged = ["broken"];
  t.mock.method(navigator.mediaDevices, "enumerateDevices", async () => [
    { kind: "videoinput", deviceId: "broken" },
    { kind: "videoinput", deviceId: "other" },
  ]);
  const failure = await joined({ camera: "broken" }).catch((error) => error);
  assert.equal(explain(failure).code, "CAMERA_UNFIT");
  assert.deepEqual(
    new Set(sdkCalls("createCameraVideoTrack").map(([config]: any[]) => config.cameraId)),
    new Set(["broken"]),
  );
  assert.equal(lights(), 0);
});

test("a camera or microphone that the user denies is not requested again", async (t) => {
  const refusal = Object.assign(new Error("AgoraRTCError PERMISSION_DENIED"), { code: "PERMISSION_DENIED" });
  const asked = t.mock.method(navigator.mediaDevices, "getUserMedia", () => Promise.reject(refusal));
  await assert.rejects(joined({ camera: "chosen" }), { code: "PERMISSION_DENIED" });
  assert.equal(asked.mock.callCount(), 1);
});

test("a remembered microphone that is missing is replaced by the default one", async () => {
  agora.unplugged = ["old"];
  await joined({ microphone: "old" });
  assert.deepEqual(sdkCalls("publish"), [["audio,video"]]);
  assert.deepEqual(events, []);
});

test("a microphone that cannot be opened, or is unplugged, is off", async () => {
  agora.unplugged = ["default microphone", "old"];
  const transport = await joined({ microphone: "old" });
  assert.deepEqual([events, sdkCalls("publish")], [[["silenced", "MICROPHONE_FAILED"]], [["video"]]]);
  agora.unplugged = [];
  await transport.change({ camera: "", microphone: "old" });
  assert.deepEqual(sdkCalls("publish").at(-1), ["audio"], "the same microphone may be chosen again");
  (transport as any).devices.audio.getMediaStreamTrack().end();
  await moment();
  assert.deepEqual(events.at(-1), ["silenced", "MICROPHONE_ENDED"]);
  assert.deepEqual(sdkCalls("unpublish").at(-1), ["audio"]);
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

test("if only one camera can be open, the second is opened after the first is closed", async (t) => {
  oneCameraAtATime(t);
  const transport = await joined();
  const { local, failure } = await transport.change({ camera: "back", microphone: "off" });
  assert.deepEqual([failure, local.getTracks()[0]?.readyState, lights()], [undefined, "live", 1]);
});

test("if only one camera can be open and the second fails, the first is opened again", async (t) => {
  oneCameraAtATime(t, "back");
  const transport = await joined();
  const { local, failure } = await transport.change({ camera: "back", microphone: "off" });
  assert.deepEqual([failure, local.getTracks()[0]?.readyState, lights()], ["busy", "live", 1]);
  assert.deepEqual(events, [], "closing the first camera is not reported");
});

test("after a reconnect the new track is shown without a second publication", async () => {
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
  assert.equal(events.filter(([name]) => name === "pictured").length, 2);
  assert.equal(sdkCalls("subscribe").length, 1);
});

test("a remote track that ends without an event counts as lost", async () => {
  await joined();
  const shown = track();
  agora.client.show(ALGORITHM, shown);
  await moment();
  (shown as any).end();
  assert.deepEqual(events.at(-1), ["lost"]);
});

test("in live mode the client is a host and may publish", async () => {
  await joined({}, { mode: "live" });
  assert.deepEqual(sdkCalls("publish"), [["video"]]);
});

test("the cloud proxy is started before the join", async () => {
  for (const [name, mode] of [
    ["udp", 3],
    ["tcp", 5],
  ] as const) {
    agora.log.length = 0;
    await joined({}, { cloud_proxy: name });
    const order = agora.log
      .map(([first]: string[]) => first)
      .filter((one: string) => /^(startProxyServer|join)$/.test(one));
    assert.deepEqual([order, sdkCalls("startProxyServer")], [["startProxyServer", "join"], [[mode]]]);
  }
  agora.log.length = 0;
  await joined();
  assert.deepEqual(sdkCalls("startProxyServer"), []);
});

test("the delay of one direction is not reported as the delay from camera to picture", async () => {
  agora.remoteUid = ALGORITHM;
  const transport = await joined();
  assert.equal(transport.figures().delay_ms, null);
});

test("an app id that differs from the token's is reported before anything opens", async () => {
  await joined({}, { app_id_differs: true });
  assert.deepEqual(events[0], ["warned", "APP_ID_DIFFERS"]);
});

test("the expiry of the token is reported as that, whatever the SDK reports first", async () => {
  await joined();
  agora.client.expire();
  assert.deepEqual(events[0], ["ended", "TOKEN_EXPIRE"]);
});

test("an unknown end keeps the reason of Agora", async () => {
  await joined();
  agora.client.drop();
  assert.deepEqual(events, [["ended", "CHANNEL_GONE", "NETWORK_ERROR"]]);
});

test("an unplugged camera ends the call, also after it replaced another one", async () => {
  const transport = await joined();
  const { local } = await transport.change({ camera: "2", microphone: "off" });
  (local.getTracks()[0] as any).end();
  assert.deepEqual(events, [["ended", "CAMERA_ENDED"]]);
});
