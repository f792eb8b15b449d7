// A double of agora.js for tests: our transport as it is, and the SDK's named exports, type-checked against its own
// declarations, with a loopback RTCPeerConnection in place of Agora's network. Browser tests swap it in by intercepting
// the request for agora.js, so the product code is unchanged. `window.__agora` scripts it and logs what was called.
// tests/browser/test_agora_outcomes.py holds tracks, refusals and event names of SDK 4.24.8 and of this double to the
// same outcomes. What needs Agora's network (join, remote users, reconnects) is written after the SDK's source.
import type * as Agora from "agora-rtc-sdk-ng/esm";
import type {
  CameraVideoTrackInitConfig,
  ConnectionState,
  CustomVideoTrackInitConfig,
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ILocalVideoTrack,
  MicrophoneAudioTrackInitConfig,
} from "agora-rtc-sdk-ng/esm";

export { AgoraTransport } from "../src/live/transports/agora.ts";
export { TRANSPORT_VERSION as transportVersion } from "../src/live/transports/sdk.ts";

interface Script {
  /** The user that publishes the swapped video; null for none. */
  remoteUid: number | null;
  joinHangs: boolean;
  /** Milliseconds until a user's picture is subscribed, by number. */
  slow: Record<number, number>;
  /** Cameras and microphones that do not exist any more. */
  unplugged: string[];
  /** Cameras without a mode of exactly the requested rate. */
  unfit: string[];
  log: unknown[][];
  client: FakeClient | null;
  soundHeld: () => void;
  sdk: string;
}

const script: Script = Object.assign(((globalThis as { __agora?: Partial<Script> }).__agora ??= {}), {
  remoteUid: 3,
  joinHangs: false,
  slow: {},
  unplugged: [],
  unfit: [],
  log: [],
  client: null,
  soundHeld: () => undefined,
  sdk: "double",
  ...(globalThis as { __agora?: Partial<Script> }).__agora,
}) as Script;

const log = (...words: unknown[]) => void script.log.push(words);

type Handler = (...args: never[]) => void;

class Emitter {
  private readonly handlers = new Map<string, Set<Handler>>();

  on(event: string, handler: Handler): void {
    this.handlers.set(event, (this.handlers.get(event) ?? new Set()).add(handler));
  }

  removeAllListeners(): void {
    this.handlers.clear();
  }

  emit(event: string, ...args: unknown[]): void {
    for (const handler of this.handlers.get(event) ?? []) (handler as (...all: unknown[]) => void)(...args);
  }
}

/** The part of a local track that our code uses; the SDK's types check the signatures. */
class FakeTrack
  extends Emitter
  implements
    Pick<ILocalVideoTrack, "getMediaStreamTrack" | "stop" | "close" | "setMuted" | "replaceTrack" | "trackMediaType">
{
  /** The sender, once the track is published. */
  sender: RTCRtpSender | null = null;
  muted = false;

  constructor(
    readonly trackMediaType: "video" | "audio",
    private raw: MediaStreamTrack,
  ) {
    super();
    this.watch();
  }

  private watch(): void {
    const { raw } = this;
    raw.onended = () => raw === this.raw && this.emit("track-ended");
  }

  getMediaStreamTrack(): MediaStreamTrack {
    return this.raw;
  }

  stop(): void {
    log("track.stop", this.trackMediaType);
  }

  close(): void {
    log("track.close", this.trackMediaType);
    this.raw.stop();
  }

  async setMuted(muted: boolean): Promise<void> {
    log("setMuted", this.trackMediaType, muted);
    this.muted = muted;
    this.raw.enabled = !muted;
  }

  async replaceTrack(track: MediaStreamTrack, stopOldTrack: boolean): Promise<void> {
    log("replaceTrack", this.trackMediaType, stopOldTrack);
    if (stopOldTrack) this.raw.stop();
    this.raw = track;
    this.raw.enabled = !this.muted;
    this.watch();
    this.emit("track-updated", track);
    await this.sender?.replaceTrack(track);
  }
}

type UsedOfClient = Pick<
  IAgoraRTCClient,
  | "join"
  | "leave"
  | "connectionState"
  | "remoteUsers"
  | "removeAllListeners"
  | "getRTCStats"
  | "getLocalVideoStats"
  | "getRemoteVideoStats"
  | "startProxyServer"
>;

/** A remote track: the SDK keeps the object and may put another raw track into it. */
class FakeRemoteTrack extends Emitter {
  constructor(private raw: MediaStreamTrack) {
    super();
  }

  getMediaStreamTrack(): MediaStreamTrack {
    return this.raw;
  }

  /** As `_updateOriginMediaStreamTrack` does. */
  update(raw: MediaStreamTrack): void {
    this.raw = raw;
    this.emit("track-updated", raw);
  }
}

class FakeClient extends Emitter implements UsedOfClient {
  connectionState: ConnectionState = "DISCONNECTED";
  private published: FakeTrack | null = null;

  constructor(private readonly isAudience: boolean) {
    super();
  }

  remoteUsers: IAgoraRTCRemoteUser[] = [];
  private user: IAgoraRTCRemoteUser | null = null;
  private peers: RTCPeerConnection[] = [];

  async join(appid: string, channel: string, token: string | null, uid?: unknown): Promise<never> {
    log("join", appid, channel, token !== null, uid, typeof uid);
    this.become("CONNECTING");
    if (script.joinHangs) await new Promise(() => undefined);
    this.become("CONNECTED");
    return uid as never;
  }

  startProxyServer(mode?: number): void {
    log("startProxyServer", mode);
  }

  async publish(tracks: FakeTrack[]): Promise<void> {
    if (this.isAudience) throw failure("INVALID_OPERATION", "audience can not publish stream");
    log("publish", tracks.map((track) => track.trackMediaType + (track.muted ? " muted" : "")).join());
    const video = tracks.find((track) => track.trackMediaType === "video");
    this.published = video ?? this.published;
    if (video && script.remoteUid !== null) this.comeBack(await this.throughNetwork(video), script.remoteUid);
  }

  async unpublish(tracks: FakeTrack[]): Promise<void> {
    log("unpublish", tracks.map((track) => track.trackMediaType).join());
    if (tracks.some((track) => track.trackMediaType === "video") && this.user) this.hide(Number(this.user.uid));
  }

  async subscribe(user: IAgoraRTCRemoteUser, kind: string): Promise<void> {
    log("subscribe", user.uid, kind);
    const wait = script.slow[Number(user.uid)];
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
  }

  async unsubscribe(user: IAgoraRTCRemoteUser): Promise<void> {
    log("unsubscribe", user.uid);
  }

  async leave(): Promise<void> {
    log("leave");
    for (const peer of this.peers.splice(0)) peer.close();
    this.connectionState = "DISCONNECTED";
  }

  getRTCStats(): ReturnType<IAgoraRTCClient["getRTCStats"]> {
    return {
      Duration: 1,
      RecvBitrate: 1e6,
      RecvBytes: 1,
      SendBitrate: 1e6,
      SendBytes: 1,
      UserCount: 2,
      RTT: 42,
      OutgoingAvailableBandwidth: 5000,
    };
  }

  getLocalVideoStats(): ReturnType<IAgoraRTCClient["getLocalVideoStats"]> {
    return { sendFrameRate: 20, sendBitrate: 5_000_000 } as ReturnType<IAgoraRTCClient["getLocalVideoStats"]>;
  }

  getRemoteVideoStats(): ReturnType<IAgoraRTCClient["getRemoteVideoStats"]> {
    const stats = {
      receiveFrameRate: 20,
      receiveResolutionWidth: 640,
      receiveResolutionHeight: 480,
      receiveBitrate: 4_000_000,
      end2EndDelay: 300,
    };
    return { [String(this.user?.uid)]: stats as ReturnType<IAgoraRTCClient["getRemoteVideoStats"]>[string] };
  }

  // What a test makes happen.

  lose(): void {
    if (this.user) this.quit(Number(this.user.uid));
  }

  /** A user publishes a picture or a sound: a track of the page, because nothing goes through the network here. */
  show(uid: number, track: MediaStreamTrack): void {
    const user = this.person(uid);
    if (track.kind === "video") Object.assign(user, { hasVideo: true, videoTrack: new FakeRemoteTrack(track) });
    else
      Object.assign(user, {
        hasAudio: true,
        audioTrack: { play: () => log("play", uid), stop: () => log("silence", uid) },
      });
    this.emit("user-published", user, track.kind);
  }

  hide(uid: number): void {
    const user = this.person(uid);
    user.hasVideo = false;
    this.emit("user-unpublished", user, "video");
  }

  quit(uid: number): void {
    const user = this.person(uid);
    this.remoteUsers = this.remoteUsers.filter((one) => one !== user);
    this.emit("user-left", user, "Quit");
  }

  private person(uid: number): IAgoraRTCRemoteUser {
    const known = this.remoteUsers.find((user) => user.uid === uid);
    const user = known ?? { uid, hasVideo: false, hasAudio: false };
    if (!known) this.remoteUsers.push(user);
    return user;
  }

  reconnect(): void {
    this.become("RECONNECTING");
  }

  /** As the SDK: other peer connections, another raw track in the same remote track, and no second publication. */
  async comeBackOnline(): Promise<void> {
    for (const peer of this.peers.splice(0)) peer.close();
    const shown = this.user?.videoTrack as unknown as FakeRemoteTrack | undefined;
    shown?.getMediaStreamTrack().stop();
    if (this.published) shown?.update(await this.throughNetwork(this.published));
    this.become("CONNECTED");
  }

  /** The SDK sends its events in this order. */
  expire(): void {
    this.become("DISCONNECTED", "TOKEN_EXPIRE");
    this.emit("token-privilege-did-expire");
  }

  ban(): void {
    this.become("DISCONNECTED", "UID_BANNED");
  }

  warn(): void {
    this.emit("token-privilege-will-expire");
  }

  drop(): void {
    this.become("DISCONNECTED");
  }

  holdSound(): void {
    script.soundHeld();
  }

  private become(state: ConnectionState, reason = "NETWORK_ERROR"): void {
    const before = this.connectionState;
    this.connectionState = state;
    this.emit("connection-state-change", state, before, reason);
  }

  /** The picture goes through a real peer connection, as it would through Agora. */
  private async throughNetwork(track: FakeTrack): Promise<MediaStreamTrack> {
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
    this.peers.push(near, far);
    near.onicecandidate = ({ candidate }) => candidate && void far.addIceCandidate(candidate);
    far.onicecandidate = ({ candidate }) => candidate && void near.addIceCandidate(candidate);
    const arrived = new Promise<MediaStreamTrack>((resolve) => (far.ontrack = (event) => resolve(event.track)));
    track.sender = near.addTrack(track.getMediaStreamTrack());
    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription as RTCSessionDescription);
    await far.setLocalDescription();
    await near.setRemoteDescription(far.localDescription as RTCSessionDescription);
    return arrived;
  }

  private comeBack(track: MediaStreamTrack, uid: number): void {
    this.user = this.person(uid);
    this.show(uid, track);
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`AgoraRTCError ${code}: ${message}`), { code });
}

/** The SDK's error for an OverconstrainedError, whatever the constraint: it hides the browser's own error. */
const noStream = () => failure("UNEXPECTED_ERROR", "can not find stream after getUserMedia");

type Made<F extends (...args: never[]) => unknown> = Awaited<ReturnType<F>>;

async function opened(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
  return track as MediaStreamTrack;
}

export const createClient: typeof Agora.createClient = (config) => {
  log("createClient", config?.mode, config?.codec);
  script.client = new FakeClient(config?.mode === "live" && config.role !== "host");
  return script.client as unknown as IAgoraRTCClient;
};

export const createCameraVideoTrack: typeof Agora.createCameraVideoTrack = async (
  config?: CameraVideoTrackInitConfig,
) => {
  log("createCameraVideoTrack", config);
  const { cameraId = "", encoderConfig } = config ?? {};
  const isExact = typeof encoderConfig === "object" && typeof encoderConfig.frameRate === "object";
  const demandsRate = isExact && "min" in (encoderConfig.frameRate as object);
  if (script.unplugged.includes(cameraId)) throw noStream();
  if (script.unfit.includes(cameraId) && demandsRate) throw noStream();
  return new FakeTrack("video", await opened({ video: { width: 640, height: 480 } })) as unknown as Made<
    typeof Agora.createCameraVideoTrack
  >;
};

export const createCustomVideoTrack: typeof Agora.createCustomVideoTrack = (config: CustomVideoTrackInitConfig) => {
  const { mediaStreamTrack, ...rest } = config;
  log("createCustomVideoTrack", rest);
  return new FakeTrack("video", mediaStreamTrack) as unknown as Made<typeof Agora.createCustomVideoTrack>;
};

export const createMicrophoneAudioTrack: typeof Agora.createMicrophoneAudioTrack = async (
  config?: MicrophoneAudioTrackInitConfig,
) => {
  log("createMicrophoneAudioTrack", config);
  if (script.unplugged.includes(config?.microphoneId ?? "default microphone")) throw noStream();
  return new FakeTrack("audio", await opened({ audio: true })) as unknown as Made<
    typeof Agora.createMicrophoneAudioTrack
  >;
};

export const onAudioAutoplayFailed: typeof Agora.onAudioAutoplayFailed = (tell) => void (script.soundHeld = tell);

export const resumeAudioContext: typeof Agora.resumeAudioContext = async () => {
  log("resumeAudioContext");
  return [];
};

export const setLogLevel: typeof Agora.setLogLevel = (level) => log("setLogLevel", level);

export const setParameter: typeof Agora.setParameter = (...args: unknown[]) => log("setParameter", ...args);
