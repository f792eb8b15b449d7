// The real transport: the browser joins AKOOL's Agora channel and shows what the algorithm's user publishes.
// https://docs.akool.com/ai-tools-suite/live-faceswap and https://docs.agora.io/en/video-calling/get-started/get-started-sdk?platform=web
import type {
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ILocalVideoTrack,
  IMicrophoneAudioTrack,
  SDK_CODEC,
  SDK_MODE,
} from "agora-rtc-sdk-ng/esm";
import { drawnTrack, HEIGHT, obstacle, RATE, WIDTH } from "./media.ts";
import type { Sdk } from "./sdk.ts";
import { type Choice, DRAWN, type Figures, type Listener, LiveError, SILENT, type Transport, within } from "./transport.ts";

/** AKOOL's recommended tracks, to the letter. */
export const AUDIO = { encoderConfig: "music_standard" } as const;
export const VIDEO = { encoderConfig: { width: WIDTH, height: HEIGHT, frameRate: { max: RATE, min: RATE }, bitrateMin: 5000, bitrateMax: 5000 } } as const;

/** The SDK never gives up joining without a network, so we do. */
export const JOIN_LIMIT = 15_000;

/** What `create` answered, as the kernel passes it on when asked. */
export interface Ticket {
  app_id: string;
  channel_id: string;
  front_user_id: string;
  algorithm_user_id: string;
  front_rtc_token: string;
  app_id_differs: boolean;
  mode: SDK_MODE;
  codec: SDK_CODEC;
  join_limit_ms?: number;
}

export class AgoraTransport implements Transport {
  readonly carriesSound = true;
  private client: IAgoraRTCClient | null = null;
  private video: ILocalVideoTrack | null = null;
  private audio: IMicrophoneAudioTrack | null = null;
  private shown: IAgoraRTCRemoteUser | null = null;
  private audible = false;
  private joined = false;
  private left = false;

  constructor(
    private readonly sdk: Sdk,
    private readonly ticket: Ticket,
    private readonly listener: Listener,
  ) {}

  async open(choice: Choice): Promise<MediaStream> {
    if (this.ticket.app_id_differs) this.listener.warned("APP_ID_DIFFERS");
    this.video = await this.openVideo(choice.camera);
    this.audio = await this.openAudio(choice.microphone);
    return this.local();
  }

  async join(): Promise<void> {
    const { app_id, channel_id, front_rtc_token, front_user_id, mode, codec } = this.ticket;
    const client = this.sdk.createClient({ mode, codec });
    this.client = client;
    this.handle(client);
    // The SDK wants a number: a text makes it call extra hosts, and all users of a channel must be of one type.
    const joining = client.join(app_id, channel_id, front_rtc_token, Number(front_user_id));
    await within(joining, this.ticket.join_limit_ms ?? JOIN_LIMIT, "JOIN_TIMEOUT");
    this.joined = true;
    if (this.left) return void client.leave();
    await client.publish([this.audio, this.video].filter((track) => track !== null));
  }

  async change(choice: Choice): Promise<MediaStream> {
    const [video, audio] = [await this.openVideo(choice.camera), await this.openAudio(choice.microphone)];
    const old = [this.video, this.audio].filter((track) => track !== null);
    if (this.joined && old.length) await this.client?.unpublish(old);
    for (const track of old) track.close();
    [this.video, this.audio] = [video, audio];
    if (this.joined) await this.client?.publish([audio, video].filter((track) => track !== null));
    return this.local();
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    await (kind === "video" ? this.video : this.audio)?.setMuted(muted);
  }

  listen(yes: boolean): void {
    this.audible = yes;
    if (yes) this.letSoundThrough();
    this.hearOrNot();
  }

  figures(): Figures {
    const whole = this.client?.getRTCStats();
    const out = this.client?.getLocalVideoStats();
    const back = this.shown ? this.client?.getRemoteVideoStats()[String(this.shown.uid)] : undefined;
    return {
      fps_out: out?.sendFrameRate ?? null,
      fps_in: back?.receiveFrameRate ?? null,
      width: back?.receiveResolutionWidth || null,
      height: back?.receiveResolutionHeight || null,
      kbps_out: kilobits(out?.sendBitrate),
      kbps_in: kilobits(back?.receiveBitrate),
      round_trip_ms: whole?.RTT ?? null,
      delay_ms: back?.end2EndDelay ?? null,
      dropped: 0,
    };
  }

  async leave(): Promise<void> {
    this.left = true;
    for (const track of [this.video, this.audio]) {
      // stop() and close(), also on the raw track, or the light stays on: AgoraIO-Extensions/agora-rtc-react#219
      track?.stop();
      track?.close();
      track?.getMediaStreamTrack().stop();
    }
    this.video = this.audio = null;
    const client = this.client;
    this.client = null;
    client?.removeAllListeners();
    await client?.leave().catch(() => undefined);
  }

  private async openVideo(camera: string): Promise<ILocalVideoTrack> {
    if (camera === DRAWN) {
      const { bitrateMin, bitrateMax } = VIDEO.encoderConfig;
      return this.sdk.createCustomVideoTrack({ mediaStreamTrack: drawnTrack(), bitrateMin, bitrateMax, width: WIDTH, height: HEIGHT, frameRate: RATE });
    }
    const blocked = obstacle();
    if (blocked) throw new LiveError(blocked);
    const track = await this.sdk.createCameraVideoTrack(camera ? { ...VIDEO, cameraId: camera } : VIDEO);
    if (this.left) track.close();
    track.on("track-ended", () => this.listener.ended("CAMERA_ENDED"));
    return track;
  }

  /** Sound is optional: a microphone that fails is a warning, not an end. */
  private async openAudio(microphone: string): Promise<IMicrophoneAudioTrack | null> {
    if (microphone === SILENT) return null;
    try {
      return await this.sdk.createMicrophoneAudioTrack(microphone ? { ...AUDIO, microphoneId: microphone } : AUDIO);
    } catch {
      this.listener.warned("MICROPHONE_FAILED");
      return null;
    }
  }

  private local(): MediaStream {
    return new MediaStream(this.video ? [this.video.getMediaStreamTrack()] : []);
  }

  private handle(client: IAgoraRTCClient): void {
    client.on("user-published", (user, kind) => void this.published(user, kind).catch(() => this.listener.lost()));
    client.on("user-unpublished", (user, kind) => kind === "video" && this.gone(user));
    client.on("user-left", (user) => this.gone(user));
    client.on("token-privilege-will-expire", () => this.listener.warned("TOKEN_ENDING"));
    client.on("token-privilege-did-expire", () => this.listener.ended("TOKEN_EXPIRE"));
    client.on("connection-state-change", (now, before, reason) => this.connection(now, before, reason));
  }

  private connection(now: string, before: string, reason?: string): void {
    if (now === "RECONNECTING") this.listener.reconnecting(true);
    if (now === "CONNECTED" && before === "RECONNECTING") this.listener.reconnecting(false);
    if (now === "DISCONNECTED" && this.joined && reason !== "LEAVE") this.listener.ended(reason === "UID_BANNED" ? "UID_CONFLICT" : "CHANNEL_GONE", reason);
  }

  private async published(user: IAgoraRTCRemoteUser, kind: string): Promise<void> {
    if (kind !== "video" && kind !== "audio") return;
    if (!this.wanted(user)) return;
    await this.client?.subscribe(user, kind);
    this.shown = user;
    if (kind === "audio") return this.hearOrNot();
    const track = user.videoTrack?.getMediaStreamTrack();
    if (track && !this.left) this.listener.pictured(new MediaStream([track]));
  }

  /** The algorithm's user; any other remote one while that has not come. */
  private wanted(user: IAgoraRTCRemoteUser): boolean {
    const isAlgorithm = (one: IAgoraRTCRemoteUser) => String(one.uid) === String(this.ticket.algorithm_user_id);
    return isAlgorithm(user) || this.shown === null || (!isAlgorithm(this.shown) && this.shown.uid === user.uid);
  }

  private gone(user: IAgoraRTCRemoteUser): void {
    if (this.shown?.uid !== user.uid) return;
    this.shown = null;
    this.listener.lost();
  }

  /** Browsers keep sound back on a page that nobody has clicked; within a click this ends it.
   *  https://developer.mozilla.org/en-US/docs/Web/Media/Autoplay_guide#Autoplay_and_autoplay_blocking */
  private letSoundThrough(): void {
    // The SDK's "autoplay-failed" event leaves out audio elements; this call tells of them too.
    this.sdk.onAudioAutoplayFailed(() => this.audible && this.listener.soundHeld());
    void this.sdk.resumeAudioContext();
  }

  /** Remote sound starts muted, for it is one's own voice coming back. */
  private hearOrNot(): void {
    const track = this.shown?.audioTrack;
    if (this.audible) track?.play();
    else track?.stop();
  }
}

function kilobits(bits: number | undefined): number | null {
  return bits === undefined ? null : Math.round(bits / 1000);
}
