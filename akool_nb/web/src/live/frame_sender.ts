// Frames for Python (widgets/frame_streams.py): for each request the newest one, and none while Python has not taken
// the one before.
import type { Call } from "./call.ts";
import { withXmp } from "./provenance/jpeg.ts";
import { PERIOD, pump, type Taker } from "./transports/frames.ts";
import { JpegEncoder } from "./transports/jpeg.ts";

const QUALITY = 0.9;

interface Request {
  every: number;
  own: boolean;
  /** When the next frame may leave, by `performance.now()`. */
  due: number;
  taken: boolean;
}

export class FrameSender {
  private readonly requests = new Map<string, Request>();
  private readonly swapped = new Tap((frame, width, height) => this.arrived(frame, width, height));
  private readonly camera = new Tap((frame, width, height) =>
    paint(this.own, frame, width, height, this.call.traits.mirrored),
  );
  /** The newest picture of the camera, while it is wanted. */
  private readonly own = new OffscreenCanvas(1, 1);
  private readonly sheet = new OffscreenCanvas(1, 1);
  private jpeg: JpegEncoder | null = null;
  /** Python knows that no more frames come. */
  private over = false;

  constructor(private readonly call: Call) {
    const { channel } = call;
    channel.hear("frames", ({ id, every, own }: { id: string; every: number; own: boolean }) => {
      this.requests.set(id, { every: 1000 * every, own, due: 0, taken: true });
      this.look();
    });
    channel.hear("frames_taken", ({ id }: { id: string }) => {
      const request = this.requests.get(id);
      if (request) request.taken = true;
    });
    channel.hear("frames_end", ({ id }: { id: string }) => {
      this.requests.delete(id);
      this.look();
    });
  }

  /** The call or the requests have changed: follow what is shown and wanted now. */
  look(): void {
    const { local, muted, remote } = this.call;
    const wanted = remote !== null && this.requests.size > 0;
    const wantsOwn = wanted && [...this.requests.values()].some(({ own }) => own);
    this.camera.follow(wantsOwn && !muted.video ? local : null);
    this.swapped.follow(wanted ? remote.stream : null);
    this.tellEnd();
    if (wanted) {
      this.jpeg ??= new JpegEncoder(QUALITY);
    } else {
      this.jpeg?.close();
      this.jpeg = null;
    }
  }

  /** A cell that takes frames holds back the trait `state`, but not this message. */
  private tellEnd(): void {
    const { running, elsewhere, trouble } = this.call;
    const over = !running && !elsewhere && this.requests.size > 0;
    if (over && !this.over && trouble?.code !== "KERNEL_GONE") this.call.channel.post("frames_over");
    this.over = over;
  }

  private arrived(frame: CanvasImageSource, width: number, height: number): void {
    const now = performance.now();
    for (const [id, request] of this.requests) {
      // Frames come once a period, more or less: half of one early is in time.
      if (!request.taken || now < request.due - PERIOD / 2) continue;
      request.due = Math.max(request.due, now - PERIOD / 2) + request.every;
      request.taken = false;
      const content = { id, time: Date.now() / 1000, delay: this.call.delay };
      void this.send(content, this.encoded(frame, width, height, request.own)).then((sent) => {
        if (!sent) request.taken = true;
      });
    }
  }

  /** The swapped picture, and one's own if it is wanted and there is one, as JPEG files. */
  private encoded(frame: CanvasImageSource, width: number, height: number, own: boolean): Promise<ArrayBuffer>[] {
    const { jpeg, sheet } = this;
    if (!jpeg) return [];
    // The encoder takes the sheet's picture at once.
    paint(sheet, frame, width, height, false);
    const pictures = [jpeg.encode(sheet)];
    if (own && this.camera.arrived) {
      paint(sheet, this.own, this.own.width, this.own.height, false);
      pictures.push(jpeg.encode(sheet));
    }
    return pictures;
  }

  /** Whether it was sent: a picture is not if the call ends meanwhile. */
  private async send(content: object, encoding: Promise<ArrayBuffer>[]): Promise<boolean> {
    const [swapped, ...own] = await Promise.all(encoding).catch(() => []);
    if (!swapped?.byteLength || !this.call.remote) return false;
    this.call.channel.post("frame", content, [withXmp(new Uint8Array(swapped)), ...own]);
    return true;
  }
}

function paint(
  canvas: OffscreenCanvas,
  frame: CanvasImageSource,
  width: number,
  height: number,
  mirrored: boolean,
): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
  if (mirrored) pen.setTransform(-1, 0, 0, 1, width, 0);
  pen.drawImage(frame, 0, 0, width, height);
  pen.resetTransform();
}

/** The frames of a stream's picture, of at most one stream at a time. */
class Tap {
  /** The stream has given a frame. */
  arrived = false;
  private stream: MediaStream | null = null;
  private end: () => void = () => undefined;

  constructor(private readonly take: Taker) {}

  follow(stream: MediaStream | null): void {
    if (stream === this.stream) return;
    this.end();
    this.stream = stream;
    this.arrived = false;
    const [track] = stream?.getVideoTracks() ?? [];
    this.end = track ? pump(track, (...frame) => this.pass(...frame)) : () => undefined;
  }

  private pass(...frame: Parameters<Taker>): void {
    this.arrived = true;
    this.take(...frame);
  }
}
