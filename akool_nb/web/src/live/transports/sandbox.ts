// The sandbox's transport: JPEG frames out, swapped JPEG frames back.
import type { Channel } from "../../ui/channel.ts";
import { type Link, openLink } from "./links.ts";
import { openSource, type Source, switchSource } from "./media.ts";
import { Outgoing } from "./outgoing.ts";
import { openScreen, type PictureScreen } from "./screen.ts";
import { Meter } from "./statistics.ts";
import { type Changed, type Choice, type Figures, type Listener, LiveError, type Transport } from "./transport.ts";

const RETRIES = [200, 1000, 3000];
/** The reasons for which the sandbox ends a session; any other one is "closed". */
const ENDS: Readonly<Record<string, string>> = {
  hour: "TOKEN_EXPIRE",
  quota: "CREDITS_GONE",
  failed: "SESSION_FAILED",
  "joined elsewhere": "UID_CONFLICT",
};

export class SandboxTransport implements Transport {
  readonly meter = new Meter();
  private readonly outgoing = new Outgoing(this.meter);
  private source: Source | null = null;
  private camera = "";
  private unpump: () => void = () => undefined;
  private screen: PictureScreen | null = null;
  private order = 0;
  private newest = 0;
  private left = false;

  constructor(
    private readonly url: string,
    private readonly channel: Channel,
    private readonly listener: Listener,
  ) {}

  async open(choice: Choice): Promise<MediaStream> {
    if (this.left) throw new LiveError("UNEXPECTED");
    return this.take(await openSource(choice.camera), choice.camera);
  }

  async change(choice: Choice): Promise<Changed> {
    if (!this.source) return { local: await this.open(choice) };
    if (this.camera === choice.camera) return { local: new MediaStream([this.source.track]) };
    const { source, failure } = await switchSource(this.source, this.camera, choice.camera);
    return { local: this.take(source, failure ? this.camera : choice.camera), failure };
  }

  async join(): Promise<void> {
    if (this.left) throw new LiveError("UNEXPECTED");
    this.outgoing.link = await this.connect();
    if (!this.left) return;
    this.hangUp();
    throw new LiveError("UNEXPECTED");
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    if (kind === "video") this.outgoing.black = muted;
  }

  listen(): void {
    // The sandbox carries no sound.
  }

  mirror(yes: boolean): void {
    this.outgoing.mirrored = yes;
  }

  figures(): Figures {
    return this.meter.figures();
  }

  async leave(): Promise<void> {
    this.left = true;
    this.drop();
    this.outgoing.close();
    this.hangUp();
    this.screen?.close();
    this.screen = null;
  }

  /** Opening a camera takes time: the call may be over by now, or have another camera. */
  private take(source: Source, camera: string): MediaStream {
    if (this.left) {
      source.track.stop();
      throw new LiveError("UNEXPECTED");
    }
    this.drop();
    this.source = source;
    this.camera = camera;
    source.track.onended = () => this.listener.ended("CAMERA_ENDED");
    this.unpump = source.pump((frame, width, height) => this.outgoing.grab(frame, width, height));
    return new MediaStream([source.track]);
  }

  private drop(): void {
    this.unpump();
    if (this.source) this.source.track.onended = null;
    this.source?.track.stop();
    this.source = null;
  }

  private hangUp(): void {
    this.outgoing.link?.close();
    this.outgoing.link = null;
  }

  private connect(): Promise<Link> {
    return openLink(this.url, this.channel, {
      frame: (bytes) => void this.arrived(bytes),
      text: (message) => this.answered(message),
      broke: () => void this.reconnect(),
    });
  }

  private async reconnect(): Promise<void> {
    this.outgoing.link = null;
    this.outgoing.forget();
    if (this.left) return;
    this.listener.reconnecting(true);
    for (const pause of RETRIES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.left) return;
      const link = await this.connect().catch(() => null);
      if (link && this.left) return link.close();
      if (link) {
        this.outgoing.link = link;
        return this.listener.reconnecting(false);
      }
    }
    this.listener.ended("SANDBOX_REFUSED");
  }

  private answered(message: Record<string, unknown>): void {
    if (typeof message.end === "string") this.listener.ended(ENDS[message.end] ?? "SESSION_CLOSED");
    if (message.status === 4) this.listener.ended("SESSION_FAILED");
    if (typeof message.dropped === "number") {
      this.outgoing.forget(message.dropped);
      this.meter.dropped += message.dropped;
    }
  }

  private async arrived(bytes: ArrayBuffer): Promise<void> {
    const flight = this.outgoing.answered();
    const now = performance.now();
    this.meter.answered(bytes.byteLength, flight ? now - flight.sent : 0, now);
    this.listener.beat();
    void this.outgoing.sendNewest();
    const mine = ++this.order;
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).catch(() => null);
    if (!picture) return;
    if (this.left || mine < this.newest) return picture.close();
    this.newest = mine;
    this.show(picture, flight?.grabbed);
  }

  private show(picture: ImageBitmap, grabbed: number | undefined): void {
    if (grabbed !== undefined) this.meter.shown(performance.now() - grabbed, picture.width, picture.height);
    const first = this.screen === null;
    this.screen ??= openScreen();
    this.screen.show(picture);
    if (first) this.listener.pictured(this.screen);
  }
}
