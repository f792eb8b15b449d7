// Camera and microphone as tracks of Agora's SDK.
import type { ILocalTrack, ILocalVideoTrack, IMicrophoneAudioTrack } from "agora-rtc-sdk-ng/esm";
import { drawnSource, HEIGHT, isThere, obstacle, RATE, switchSource, WIDTH } from "./media.ts";
import type { Sdk } from "./sdk.ts";
import { type Changed, type Choice, DRAWN, type Listener, LiveError, SILENT } from "./transport.ts";

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
/** For cameras without a mode of exactly that rate. */
const ANY_RATE = { encoderConfig: { ...VIDEO.encoderConfig, frameRate: { ideal: RATE } } } as const;

/** Failures that another wish does not cure. A missing device or an impossible rate is UNEXPECTED_ERROR in the SDK. */
const FINAL: ReadonlySet<unknown> = new Set(["PERMISSION_DENIED", "NOT_READABLE"]);

type Failure = { code?: string };

export class LocalDevices {
  video: ILocalVideoTrack | null = null;
  audio: IMicrophoneAudioTrack | null = null;
  /** Every track that is on, also while one replaces the other. */
  private readonly opened = new Set<ILocalTrack>();
  private choice: Choice = { camera: "", microphone: SILENT };
  private readonly muted = { video: false, audio: false };
  private left = false;

  /** `republish` takes the old microphone out of the channel and puts the new one in. */
  constructor(
    private readonly sdk: Sdk,
    private readonly listener: Listener,
    private readonly republish: (old: ILocalTrack | null, next: ILocalTrack | null) => Promise<void>,
  ) {}

  /** What is to be published. */
  get tracks(): ILocalTrack[] {
    return [this.audio, this.video].filter((track) => track !== null);
  }

  async open(choice: Choice): Promise<MediaStream> {
    if (this.left) throw new LiveError("UNEXPECTED");
    this.video = await this.openVideo(choice.camera);
    this.audio = await this.openAudio(choice.microphone);
    this.choice = { camera: choice.camera, microphone: this.audio ? choice.microphone : SILENT };
    return this.local();
  }

  /** Only the device that has changed is exchanged, so that the swapped picture continues. */
  async change(choice: Choice): Promise<Changed> {
    if (this.left) throw new LiveError("UNEXPECTED");
    const failure = await this.changeVideo(choice.camera);
    if (!failure) await this.changeAudio(choice.microphone);
    return { local: this.local(), failure };
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    this.muted[kind] = muted;
    await this[kind]?.setMuted(muted);
  }

  leave(): void {
    this.left = true;
    for (const track of this.opened) this.end(track);
    this.video = null;
    this.audio = null;
  }

  private async openVideo(camera: string): Promise<ILocalVideoTrack> {
    const track = await this.wanted(camera === DRAWN ? this.drawn() : this.openCamera(camera));
    track.on("track-ended", () => this.listener.ended("CAMERA_ENDED"));
    if (this.muted.video) await track.setMuted(true);
    return track;
  }

  private async drawn(): Promise<ILocalVideoTrack> {
    const { bitrateMin, bitrateMax } = VIDEO.encoderConfig;
    const size = { width: WIDTH, height: HEIGHT, frameRate: RATE };
    return this.sdk.createCustomVideoTrack({ mediaStreamTrack: drawnSource().track, bitrateMin, bitrateMax, ...size });
  }

  private async openCamera(camera: string): Promise<ILocalVideoTrack> {
    const blocked = obstacle();
    if (blocked) throw new LiveError(blocked);
    try {
      return await this.sdk.createCameraVideoTrack(camera ? { ...VIDEO, cameraId: camera } : VIDEO);
    } catch (failure) {
      return this.openLessDemanding(camera, failure as Failure);
    }
  }

  /** A remembered camera may be unplugged, and any other is better than none; one that is there may lack the rate. */
  private async openLessDemanding(camera: string, failure: Failure): Promise<ILocalVideoTrack> {
    if (this.left || FINAL.has(failure.code)) throw failure;
    if (camera && !(await isThere(camera))) return this.openCamera("");
    if (this.left) throw failure;
    return this.sdk.createCameraVideoTrack(camera ? { ...ANY_RATE, cameraId: camera } : ANY_RATE);
  }

  /** Sound is optional: a microphone that fails is a warning, not an end. */
  private async openAudio(microphone: string): Promise<IMicrophoneAudioTrack | null> {
    if (microphone === SILENT) return null;
    const track = await this.wanted(this.openMicrophone(microphone).catch(() => null));
    if (!track) {
      this.listener.silenced("MICROPHONE_FAILED");
      return null;
    }
    track.on("track-ended", () => this.microphoneEnded(track));
    if (this.muted.audio) await track.setMuted(true);
    return track;
  }

  private async openMicrophone(id: string): Promise<IMicrophoneAudioTrack> {
    if (!id) return this.sdk.createMicrophoneAudioTrack(AUDIO);
    return this.sdk.createMicrophoneAudioTrack({ ...AUDIO, microphoneId: id }).catch((failure: Failure) => {
      if (this.left || FINAL.has(failure.code)) throw failure;
      return this.sdk.createMicrophoneAudioTrack(AUDIO);
    });
  }

  private microphoneEnded(track: IMicrophoneAudioTrack): void {
    if (track !== this.audio) return;
    this.audio = null;
    this.choice = { ...this.choice, microphone: SILENT };
    this.listener.silenced("MICROPHONE_ENDED");
    void this.republish(track, null).catch(() => undefined);
    this.end(track);
  }

  /** The track; if the call ended meanwhile it is switched off again. */
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

  /** The published track stays, muted or not, and gets another camera's pictures. */
  private async changeVideo(camera: string): Promise<unknown> {
    const before = this.choice.camera;
    const { video } = this;
    if (camera === before || !video) return undefined;
    const current = { track: video.getMediaStreamTrack() };
    const { source, failure } = await switchSource(current, before, camera);
    try {
      await video.replaceTrack(source.track, true);
    } catch (error) {
      source.track.stop();
      throw error;
    }
    if (this.left) source.track.stop();
    if (!failure) this.choice = { ...this.choice, camera };
    return failure;
  }

  private async changeAudio(microphone: string): Promise<void> {
    if (microphone === this.choice.microphone) return;
    const old = this.audio;
    const next = await this.openAudio(microphone);
    this.audio = next;
    this.choice = { ...this.choice, microphone: next ? microphone : SILENT };
    await this.republish(old, next);
    if (old) this.end(old);
  }

  private local(): MediaStream {
    return new MediaStream(this.video ? [this.video.getMediaStreamTrack()] : []);
  }
}
