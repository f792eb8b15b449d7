// Frames on their way to the sandbox: at most a few in flight, and the newest frame replaces one that still waits.
import { JpegEncoder } from "./jpeg.ts";
import type { Link } from "./links.ts";
import { HEIGHT, WIDTH } from "./media.ts";
import { READ_BACK } from "./pen.ts";
import type { Meter } from "./statistics.ts";

const QUALITY = 0.8;
/** After this time (ms) no answer to a frame is expected any more, so that the next one can be sent. */
const LOST_AFTER = 5000;

/** When a frame was taken from the camera and when it was sent (ms). */
interface Flight {
  grabbed: number;
  sent: number;
}

export class Outgoing {
  link: Link | null = null;
  black = false;
  /** Send the picture as in a mirror: the sandbox's answer is then mirrored too, but its mark is not. */
  mirrored = false;
  private readonly canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  private readonly pen = this.canvas.getContext("2d", READ_BACK) as OffscreenCanvasRenderingContext2D;
  private readonly jpeg = new JpegEncoder(QUALITY);
  private readonly flights: Flight[] = [];
  private waiting: number | null = null;
  private encoding = 0;

  constructor(private readonly meter: Meter) {}

  /** Send this frame, or keep it until fewer frames are in flight. */
  grab(frame: CanvasImageSource, width: number, height: number): void {
    this.paint(frame, width, height);
    this.waiting = performance.now();
    void this.sendNewest();
  }

  answered(): Flight | undefined {
    return this.flights.shift();
  }

  /** The oldest frames in flight get no answer; by default all of them. */
  forget(count = this.flights.length): void {
    this.flights.splice(0, count);
  }

  async sendNewest(): Promise<void> {
    const link = this.link;
    if (this.waiting === null || !link || !this.hasSlot(link)) return;
    const grabbed = this.waiting;
    this.waiting = null;
    this.encoding += 1;
    const bytes = await this.jpeg.encode(this.canvas).catch(() => null);
    // No await between this line and the push below, or a third frame would be sent in between.
    this.encoding -= 1;
    if (link !== this.link || !bytes?.byteLength) return;
    link.send(bytes);
    this.flights.push({ grabbed, sent: performance.now() });
    this.meter.sent(bytes.byteLength);
  }

  close(): void {
    this.jpeg.close();
  }

  /** Fill the canvas, cutting what does not fit its shape. */
  private paint(frame: CanvasImageSource, width: number, height: number): void {
    if (this.black) {
      this.pen.fillStyle = "black";
      this.pen.fillRect(0, 0, WIDTH, HEIGHT);
      return;
    }
    const scale = Math.max(WIDTH / width, HEIGHT / height);
    const across = width * scale;
    const down = height * scale;
    if (this.mirrored) this.pen.setTransform(-1, 0, 0, 1, WIDTH, 0);
    this.pen.drawImage(frame, (WIDTH - across) / 2, (HEIGHT - down) / 2, across, down);
    this.pen.resetTransform();
  }

  private hasSlot(link: Link): boolean {
    const [oldest] = this.flights;
    if (oldest && performance.now() - oldest.sent > LOST_AFTER) this.forget();
    return this.flights.length + this.encoding < link.slots;
  }
}
