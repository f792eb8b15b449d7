// The real transport: the browser joins AKOOL's Agora channel and shows what the algorithm's user publishes.
// https://docs.akool.com/ai-tools-suite/live-faceswap and
// https://docs.agora.io/en/video-calling/get-started/get-started-sdk?platform=web
import type {
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ILocalTrack,
  ILocalVideoTrack,
  IMicrophoneAudioTrack,
  SDK_CODEC,
  SDK_MODE,
} from "agora-rtc-sdk-ng/esm";
import { drawnTrack, HEIGHT, isThere, obstacle, openCamera, RATE, WIDTH } from "./media.ts";
import type { Sdk } from "./sdk.ts";
import {
  type Choice,
  DRAWN,
  type Figures,
  type Listener,
  LiveError,
  SILENT,
  type Transport,
  within,
} from "./transport.ts";

/** AKOOL's recommended tracks, to the letter. */
const AUDIO = { encoderConfig: "music_standard" } as const;
const VIDEO = {
  encoderConfig: {
    width: WIDTH,
    height: HEIGHT,
    frameRate: { max: RATE, min: RATE },
    bitrateMin: 5000,
    bitrateMax: 5000,
  },
} as const;

/** The SDK never gives up joining without a network, so we do. */
const JOIN_LIMIT = 15_000;

/**
 * How Agora's SDK says that the camera with that id is not there, or cannot do what is wanted: both are the browser's
 * OverconstrainedError.
 */
const NOT_THERE_OR_UNFIT: ReadonlySet<unknown> = new Set([
  "DEVICE_NOT_FOUND",
  "MEDIA_OPTION_INVALID",
  "CONSTRAINT_NOT_SATISFIED",
]);

/** Why Agora let us go, where there is more to say than that the channel is gone. */
const REASONS: Readonly<Record<string, string>> = {
  TOKEN_EXPIRE: "TOKEN_EXPIRE",
  UID_CONFLICT: "UID_CONFLICT",
  UID_BANNED: "UID_CONFLICT",
};

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
  private client: IAgoraRTCClient | null = null;
  private video: ILocalVideoTrack | null = null;
  private audio: IMicrophoneAudioTrack | null = null;
  /** Every track that is on, also while one takes the other's place. */
  private readonly opened = new Set<ILocalTrack>();
  /** The remote user whose picture is shown, or being fetched. */
  private shown: IAgoraRTCRemoteUser | null = null;
  private choice: Choice = { camera: "", microphone: SILENT };
  private readonly muted = { video: false, audio: false };
  private audible = false;
  private joined = false;
  private left = false;

  constructor(
    private readonly sdk: Sdk,
    private readonly ticket: Ticket,
    private readonly listener: Listener,
  ) {}

  async open(choice: Choice): Promise<MediaStream> {
    if (this.left) throw new LiveError("UNEXPECTED");
    if (this.ticket.app_id_differs) this.listener.warned("APP_ID_DIFFERS");
    this.video = await this.openVideo(choice.camera);
    this.audio = await this.openAudio(choice.microphone);
    this.choice = choice;
    return this.local();
  }

  async join(): Promise<void> {
    if (this.left) throw new LiveError("UNEXPECTED");
    const { app_id, channel_id, front_rtc_token, front_user_id, mode, codec } = this.ticket;
    const client = this.sdk.createClient({ mode, codec });
    this.client = client;
    this.handle(client);
    // The SDK wants a number: a text makes it call extra hosts, and all users of a channel must be of one type.
    const joining = client.join(app_id, channel_id, front_rtc_token, Number(front_user_id));
    await within(joining, this.ticket.join_limit_ms ?? JOIN_LIMIT, "JOIN_TIMEOUT");
    this.joined = true;
    if (this.left) return void client.leave().catch(() => undefined);
    await client.publish([this.audio, this.video].filter((track) => track !== null));
  }

  /** Only what has changed is touched, so that the swapped picture, and a film of it, go on. */
  async change(choice: Choice): Promise<MediaStream> {
    if (this.left) throw new LiveError("UNEXPECTED");
    const { camera, microphone } = choice;
    // Each is noted only once it is there: one that was refused must not count as the one that is on.
    if (camera !== this.choice.camera) await this.changeVideo(camera);
    this.choice = { ...this.choice, camera };
    if (microphone !== this.choice.microphone) await this.changeAudio(microphone);
    this.choice = choice;
    return this.local();
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    this.muted[kind] = muted;
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
    for (const track of this.opened) this.end(track);
    this.video = this.audio = null;
    const client = this.client;
    this.client = null;
    client?.removeAllListeners();
    await client?.leave().catch(() => undefined);
  }

  private async openVideo(camera: string): Promise<ILocalVideoTrack> {
    const track = await this.wanted(camera === DRAWN ? this.drawn() : this.openCamera(camera));
    track.on("track-ended", () => this.listener.ended("CAMERA_ENDED"));
    if (this.muted.video) await track.setMuted(true);
    return track;
  }

  private async drawn(): Promise<ILocalVideoTrack> {
    const { bitrateMin, bitrateMax } = VIDEO.encoderConfig;
    return this.sdk.createCustomVideoTrack({
      mediaStreamTrack: drawnTrack(),
      bitrateMin,
      bitrateMax,
      width: WIDTH,
      height: HEIGHT,
      frameRate: RATE,
    });
  }

  private async openCamera(camera: string): Promise<ILocalVideoTrack> {
    const blocked = obstacle();
    if (blocked) throw new LiveError(blocked);
    if (!camera) return this.sdk.createCameraVideoTrack(VIDEO);
    return this.sdk.createCameraVideoTrack({ ...VIDEO, cameraId: camera }).catch(async (error: { code?: string }) => {
      if (!NOT_THERE_OR_UNFIT.has(error.code) || (await isThere(camera)) || this.left) throw error;
      // The camera of the last time may be unplugged; any other is better than none.
      return this.sdk.createCameraVideoTrack(VIDEO);
    });
  }

  /** Sound is optional: a microphone that fails is a warning, not an end. */
  private async openAudio(microphone: string): Promise<IMicrophoneAudioTrack | null> {
    if (microphone === SILENT) return null;
    const opening = this.sdk
      .createMicrophoneAudioTrack(microphone ? { ...AUDIO, microphoneId: microphone } : AUDIO)
      .catch(() => null);
    const track = await this.wanted(opening);
    if (!track) this.listener.warned("MICROPHONE_FAILED");
    else if (this.muted.audio) await track.setMuted(true);
    return track;
  }

  /** What was waited for; if nobody wants it any more it is switched off again. */
  private async wanted<T extends ILocalTrack | null>(opening: Promise<T>): Promise<T> {
    const track = await opening;
    if (track) this.opened.add(track);
    if (!this.left) return track;
    if (track) this.end(track);
    throw new LiveError("UNEXPECTED");
  }

  /** stop() and close(), also on the raw track, or the light stays on: AgoraIO-Extensions/agora-rtc-react#219 */
  private end(track: ILocalTrack): void {
    track.stop();
    track.close();
    track.getMediaStreamTrack().stop();
    this.opened.delete(track);
  }

  /**
   * The track that is published stays, muted or not, and gets its pictures from elsewhere: nobody in the channel
   * notices.
   */
  private async changeVideo(camera: string): Promise<void> {
    const next = await openCamera(camera);
    try {
      await this.video?.replaceTrack(next, true);
    } catch (error) {
      next.stop();
      throw error;
    }
    if (this.left) next.stop();
  }

  private async changeAudio(microphone: string): Promise<void> {
    const old = this.audio;
    const next = await this.openAudio(microphone);
    this.audio = next;
    if (old && this.joined) await this.client?.unpublish([old]);
    if (old) this.end(old);
    if (next && this.joined) await this.client?.publish([next]);
  }

  private local(): MediaStream {
    return new MediaStream(this.video ? [this.video.getMediaStreamTrack()] : []);
  }

  private handle(client: IAgoraRTCClient): void {
    client.on(
      "user-published",
      (user, kind) => void (kind === "video" ? this.pictured(user) : kind === "audio" && this.fetchSound(user)),
    );
    client.on("user-unpublished", (user, kind) => kind === "video" && void this.look(user));
    client.on("user-left", (user) => void this.look(user));
    client.on("token-privilege-will-expire", () => this.listener.warned("TOKEN_ENDING"));
    client.on("token-privilege-did-expire", () => this.listener.ended("TOKEN_EXPIRE"));
    client.on("connection-state-change", (now, before, reason) => this.connection(now, before, reason));
  }

  private connection(now: string, before: string, reason?: string): void {
    if (now === "RECONNECTING") this.listener.reconnecting(true);
    if (now === "CONNECTED" && before === "RECONNECTING") this.listener.reconnecting(false);
    // The reason comes here first, before the event of its own that some of them have.
    if (now === "DISCONNECTED" && this.joined && reason !== "LEAVE") this.told(reason ?? "");
  }

  private told(reason: string): void {
    const code = REASONS[reason];
    if (code) this.listener.ended(code);
    else this.listener.ended("CHANNEL_GONE", reason);
  }

  private pictured(user: IAgoraRTCRemoteUser): Promise<void> {
    // Published anew: the track that is shown is an old one.
    if (this.shown?.uid === user.uid) this.shown = null;
    return this.look();
  }

  /**
   * Show the algorithm's user; while that has no picture, the one that is shown, or any other. `except` has just gone
   * dark.
   */
  private async look(except?: IAgoraRTCRemoteUser): Promise<void> {
    const [before, next] = [this.shown, this.best(except)];
    if (before?.uid === next?.uid) return;
    this.shown = next;
    if (before) this.release(before);
    if (next) await this.fetchPicture(next);
    else this.listener.lost();
  }

  private best(except?: IAgoraRTCRemoteUser): IAgoraRTCRemoteUser | null {
    const seen = (this.client?.remoteUsers ?? []).filter((user) => user.hasVideo && user.uid !== except?.uid);
    const isAlgorithm = (user: IAgoraRTCRemoteUser) => String(user.uid) === String(this.ticket.algorithm_user_id);
    return seen.find(isAlgorithm) ?? seen.find((user) => user.uid === this.shown?.uid) ?? seen[0] ?? null;
  }

  private async fetchPicture(user: IAgoraRTCRemoteUser): Promise<void> {
    try {
      await this.client?.subscribe(user, "video");
    } catch {
      if (this.shown === user) this.notFetched();
      return;
    }
    // Whom to show may have changed while it was fetched.
    if (this.shown !== user) return this.release(user);
    const track = user.videoTrack?.getMediaStreamTrack();
    if (track) this.listener.pictured(new MediaStream([track]));
    if (user.hasAudio) await this.fetchSound(user);
  }

  private notFetched(): void {
    this.shown = null;
    this.listener.lost();
    this.listener.warned("SUBSCRIBE_FAILED");
  }

  /** Only the sound that belongs to the picture; without it the call goes on. */
  private async fetchSound(user: IAgoraRTCRemoteUser): Promise<void> {
    if (this.shown?.uid !== user.uid) return;
    await this.client?.subscribe(user, "audio").catch(() => undefined);
    if (this.shown?.uid === user.uid) this.hearOrNot();
  }

  private release(user: IAgoraRTCRemoteUser): void {
    // Shown again meanwhile: the same user may come back while it is being released.
    if (this.shown?.uid === user.uid) return;
    user.audioTrack?.stop();
    void this.client?.unsubscribe(user).catch(() => undefined);
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
