// Frames into a track, to be shown. Chromium has MediaStreamTrackGenerator, which also works in a hidden tab. Elsewhere
// a canvas is captured; in a hidden tab that capture stops, so a window that is in sight gets a canvas of its own.
import { READ_BACK } from "./pen.ts";

export type FrameTrack = MediaStreamTrack & { writable: WritableStream<VideoFrame> };

interface Breakout {
  MediaStreamTrackGenerator?: new (init: { kind: "video" }) => FrameTrack;
}

/** The swapped picture. */
export interface Screen {
  readonly stream: MediaStream;
  /** Show it in an element, also in one of another window, until the returned function is called. */
  showIn(host: HTMLElement): () => void;
  close(): void;
}

/** A screen that is given its pictures one by one. */
export interface PictureScreen extends Screen {
  /** Takes the picture over and closes it. */
  show(picture: ImageBitmap): void;
}

/** A track that frames can be written to, where the browser has that. */
export function frameTrack(): FrameTrack | null {
  const { MediaStreamTrackGenerator } = globalThis as Breakout;
  return MediaStreamTrackGenerator ? new MediaStreamTrackGenerator({ kind: "video" }) : null;
}

/** A screen on a stream that continues in a hidden tab. */
export function streamScreen(track: MediaStreamTrack): Screen {
  const stream = new MediaStream([track]);
  return { stream, showIn: (host) => showStream(stream, host), close: () => track.stop() };
}

export function openScreen(): PictureScreen {
  const track = frameTrack();
  return track ? writtenScreen(track) : new CanvasScreen();
}

function writtenScreen(track: FrameTrack): PictureScreen {
  const writer = track.writable.getWriter();
  return {
    ...streamScreen(track),
    show(picture) {
      const frame = new VideoFrame(picture, { timestamp: Math.round(performance.now() * 1000) });
      picture.close();
      writer.write(frame).catch(() => frame.close());
    },
  };
}

/** A canvas that is captured, and the copies of it in other windows. */
export class CanvasScreen implements PictureScreen {
  readonly canvas = document.createElement("canvas");
  readonly pen = this.canvas.getContext("2d", READ_BACK) as CanvasRenderingContext2D;
  readonly stream = this.canvas.captureStream();
  private readonly copies = new Set<HTMLCanvasElement>();

  show(picture: ImageBitmap): void {
    this.resize(picture.width, picture.height);
    this.pen.drawImage(picture, 0, 0);
    picture.close();
    this.painted();
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  /** The canvas has another picture: the copies get it too. */
  painted(): void {
    for (const copy of this.copies) {
      if (copy.width !== this.canvas.width) copy.width = this.canvas.width;
      if (copy.height !== this.canvas.height) copy.height = this.canvas.height;
      copy.getContext("2d", { alpha: false })?.drawImage(this.canvas, 0, 0);
    }
  }

  showIn(host: HTMLElement): () => void {
    const copy = host.ownerDocument.createElement("canvas");
    host.append(copy);
    this.copies.add(copy);
    this.painted();
    return () => {
      this.copies.delete(copy);
      copy.remove();
    };
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
  }
}

function showStream(stream: MediaStream, host: HTMLElement): () => void {
  const video = host.ownerDocument.createElement("video");
  video.autoplay = true;
  video.playsInline = true;
  video.muted = true;
  video.srcObject = stream;
  host.append(video);
  return () => {
    video.srcObject = null;
    video.remove();
  };
}
