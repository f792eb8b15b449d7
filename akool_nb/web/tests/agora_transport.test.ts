import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { lights, moment, track, tracks } from "./devices.ts";
import { AgoraTransport, type Ticket } from "../src/live/transports/agora.ts";
import type { Sdk } from "../src/live/transports/sdk.ts";
import type { Choice, Listener } from "../src/live/transports/transport.ts";
import * as double from "./fake_agora.ts";

const TICKET: Ticket = {
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

const word =
  (name: string) =>
  (...args: unknown[]) =>
    void heard.push([name, ...args]);
const listener: Listener = {
  pictured: (stream) => void heard.push(["pictured", stream.getTracks()[0]]),
  lost: word("lost"),
  reconnecting: word("reconnecting"),
  ended: word("ended"),
  beat: word("beat"),
  soundHeld: word("soundHeld"),
  warned: word("warned"),
};
const said = (name: string) =>
  agora.log.filter(([first]: string[]) => first === name).map((entry: unknown[]) => entry.slice(1));

/** A transport in the channel, where nobody is yet. */
async function joined(choice: Partial<Choice> = {}, ticket: Partial<Ticket> = {}): Promise<AgoraTransport> {
  const transport = new AgoraTransport(double as unknown as Sdk, { ...TICKET, ...ticket }, listener);
  await transport.open({ camera: "", microphone: "off", ...choice });
  await transport.join();
  return transport;
}

beforeEach(() => Object.assign(agora, { remoteUid: null, log: [], client: null, slow: {}, unplugged: [] }));

afterEach(() => {
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
  const local = await transport.change({ camera: "2", microphone: "" });
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
  const local = await transport.change({ camera: "2", microphone: "2" });
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
  const { video } = transport as any;
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

test("a chosen camera that is there is never replaced by another one", async (t) => {
  agora.unplugged = ["slow"];
  t.mock.method(navigator.mediaDevices, "enumerateDevices", async () => [
    { kind: "videoinput", deviceId: "slow" },
    { kind: "videoinput", deviceId: "other" },
  ]);
  await assert.rejects(joined({ camera: "slow" }), { code: "MEDIA_OPTION_INVALID" });
  assert.deepEqual([said("createCameraVideoTrack").length, lights()], [1, 0]);
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
  const local = await transport.change({ camera: "2", microphone: "off" });
  (local.getTracks()[0] as any).onended();
  assert.deepEqual(heard, [["ended", "CAMERA_ENDED"]]);
});
