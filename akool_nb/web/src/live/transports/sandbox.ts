// The sandbox's transport: JPEG frames out, swapped JPEG frames back, at most a few on the road, the newest wins.
import type { Channel } from "../../ui/channel.ts";
import { pump, sink, type Sink } from "./frames.ts";
import { JpegEncoder } from "./jpeg.ts";
import { type Link, openLink } from "./links.ts";
import { HEIGHT, openCamera, WIDTH } from "./media.ts";
import { Meter } from "./statistics.ts";
import { type Choice, type Figures, type Listener, LiveError, type Transport } from "./transport.ts";

const QUALITY = 0.8;
/** A frame whose answer is this late (ms) is given up, so that its place becomes free. */
const LOST_AFTER = 5000;
const RETRIES = [200, 1000, 3000];
/** Why the sandbox ends a session, where there is more to say than that it is closed. */
const ENDS: Readonly<Record<string, string>> = {
  hour: "TOKEN_EXPIRE",
  quota: "CREDITS_GONE",
  failed: "SESSION_FAILED",
  "joined elsewhere": "UID_CONFLICT",
};

interface Flight {
  grabbed: number;
  sent: number;
}

export class SandboxTransport implements Transport {
  readonly meter = new Meter();
  private readonly canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  private readonly pen = this.canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
  private readonly jpeg = new JpegEncoder(QUALITY);
  private readonly flights: Flight[] = [];
  private camera: MediaStreamTrack | null = null;
  private source = "";
  private unpump: () => void = () => undefined;
  private link: Link | null = null;
  private screen: Sink | null = null;
  private waiting: number | null = null;
  private encoding = 0;
  private order = 0;
  private newest = 0;
  private black = false;
  private left = false;

  constructor(
    private readonly url: string,
    private readonly channel: Channel,
    private readonly listener: Listener,
  ) {}

  async open(choice: Choice): Promise<MediaStream> {
    if (this.left) throw new LiveError("UNEXPECTED");
    return this.take(await openCamera(choice.camera), choice.camera);
  }

  async change(choice: Choice): Promise<MediaStream> {
    return this.camera && this.source === choice.camera ? new MediaStream([this.camera]) : this.open(choice);
  }

  async join(): Promise<void> {
    if (this.left) throw new LiveError("UNEXPECTED");
    this.link = await this.connect();
    if (!this.left) return;
    this.hangUp();
    throw new LiveError("UNEXPECTED");
  }

  async mute(kind: "video" | "audio", muted: boolean): Promise<void> {
    if (kind === "video") this.black = muted;
  }

  listen(): void {
    // The sandbox carries no sound.
  }

  figures(): Figures {
    return this.meter.figures();
  }

  async leave(): Promise<void> {
    this.left = true;
    this.drop();
    this.jpeg.close();
    this.hangUp();
    this.screen?.track.stop();
    this.screen = null;
  }

  /** The camera may have been waited for: then nobody may want it any more, and another one may be on. */
  private take(camera: MediaStreamTrack, source: string): MediaStream {
    if (this.left) {
      camera.stop();
      throw new LiveError("UNEXPECTED");
    }
    this.drop();
    this.camera = camera;
    this.source = source;
    camera.onended = () => this.listener.ended("CAMERA_ENDED");
    this.unpump = pump(camera, (frame, width, height) => this.grab(frame, width, height));
    return new MediaStream([camera]);
  }

  private drop(): void {
    this.unpump();
    if (this.camera) this.camera.onended = null;
    this.camera?.stop();
    this.camera = null;
  }

  private hangUp(): void {
    this.link?.close();
    this.link = null;
  }

  private connect(): Promise<Link> {
    return openLink(this.url, this.channel, {
      frame: (bytes) => void this.arrived(bytes),
      text: (message) => this.told(message),
      broke: () => void this.mend(),
    });
  }

  /** The link broke without a word: try again a few times, then give up. */
  private async mend(): Promise<void> {
    this.link = null;
    this.flights.length = 0;
    if (this.left) return;
    this.listener.reconnecting(true);
    for (const pause of RETRIES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.left) return;
      this.link = await this.connect().catch(() => null);
      if (this.link) return this.left ? this.hangUp() : this.listener.reconnecting(false);
    }
    this.listener.ended("SANDBOX_REFUSED");
  }

  private told(message: Record<string, unknown>): void {
    if (typeof message.end === "string") this.listener.ended(ENDS[message.end] ?? "SESSION_CLOSED");
    if (message.status === 4) this.listener.ended("SESSION_FAILED");
    if (typeof message.dropped === "number") {
      this.flights.splice(0, message.dropped);
      this.meter.dropped += message.dropped;
    }
  }

  private grab(frame: CanvasImageSource, width: number, height: number): void {
    this.paint(frame, width, height);
    this.waiting = performance.now();
    void this.sendNewest();
  }

  /** Fill the canvas, cutting what does not fit its shape. */
  private paint(frame: CanvasImageSource, width: number, height: number): void {
    if (this.black) {
      this.pen.fillStyle = "black";
      this.pen.fillRect(0, 0, WIDTH, HEIGHT);
      return;
    }
    const scale = Math.max(WIDTH / width, HEIGHT / height);
    this.pen.drawImage(
      frame,
      (WIDTH - width * scale) / 2,
      (HEIGHT - height * scale) / 2,
      width * scale,
      height * scale,
    );
  }

  private async sendNewest(): Promise<void> {
    const link = this.link;
    if (this.waiting === null || !link || !this.hasSlot(link)) return;
    const grabbed = this.waiting;
    this.waiting = null;
    this.encoding += 1;
    const bytes = await this.jpeg.encode(this.canvas).catch(() => null);
    // In one breath with the push below, or a third frame would slip in between.
    this.encoding -= 1;
    if (link !== this.link || !bytes?.byteLength) return;
    link.send(bytes);
    this.flights.push({ grabbed, sent: performance.now() });
    this.meter.sent(bytes.byteLength);
  }

  private hasSlot(link: Link): boolean {
    const [oldest] = this.flights;
    if (oldest && performance.now() - oldest.sent > LOST_AFTER) this.flights.length = 0;
    return this.flights.length + this.encoding < link.slots;
  }

  private async arrived(bytes: ArrayBuffer): Promise<void> {
    const flight = this.flights.shift();
    const now = performance.now();
    this.meter.answered(bytes.byteLength, flight ? now - flight.sent : 0, now);
    this.listener.beat();
    void this.sendNewest();
    const mine = ++this.order;
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).catch(() => null);
    if (!picture) return;
    if (this.left || mine < this.newest) return picture.close();
    this.newest = mine;
    this.show(picture, flight);
  }

  private show(picture: ImageBitmap, flight: Flight | undefined): void {
    if (flight) this.meter.shown(performance.now() - flight.grabbed, picture.width, picture.height);
    const first = this.screen === null;
    this.screen ??= sink();
    this.screen.show(picture);
    if (first) this.listener.pictured(new MediaStream([this.screen.track]));
  }
}
