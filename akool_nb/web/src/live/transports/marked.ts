// The picture of an Agora session with "AI-swapped" in its pixels, so that snapshots, films and other windows carry it.
// In Chromium a worker paints it, so a busy page does not delay the picture; elsewhere the page paints it.
import { frameStream, pump } from "./frames.ts";
import { CanvasScreen, type FrameTrack, frameTrack, type Screen, streamScreen } from "./screen.ts";
import { openWorker } from "./worker.ts";

export interface MarkedScreen extends Screen {
  follow(track: MediaStreamTrack): void;
  /** Show it as in a mirror, or not. The mark stays readable. */
  mirror(yes: boolean): void;
}

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
type Paint = typeof paintMarked;

/** `mark` is the text in the picture, "" for nothing. */
export async function openMarkedScreen(mark: string): Promise<MarkedScreen> {
  const track = frameTrack();
  const worker = track && (await openWorker(paintAll, String(paintMarked)));
  return track && worker ? paintedByWorker(track, worker, mark) : paintedByPage(mark);
}

/** Paint a frame and the mark. The worker gets this function as text, so it uses nothing from outside. */
export function paintMarked(
  pen: Pen,
  frame: CanvasImageSource,
  width: number,
  height: number,
  mark: string,
  mirrored: boolean,
): void {
  if (mirrored) pen.setTransform(-1, 0, 0, 1, width, 0);
  pen.drawImage(frame, 0, 0, width, height);
  pen.resetTransform();
  if (!mark) return;
  // A twentieth of the height: 12 pixels where a picture of 640×480 is shown 320 pixels wide.
  const size = Math.max(12, Math.round(height / 20));
  pen.font = `600 ${size}px system-ui, sans-serif`;
  const plate = pen.measureText(mark).width + size;
  pen.fillStyle = "rgb(0 0 0 / 0.7)";
  pen.fillRect(0, height - 1.5 * size, plate, 1.5 * size);
  pen.fillStyle = "#fff";
  pen.fillText(mark, size / 2, height - size / 2);
}

/** The worker: frames in, marked frames out. */
function paintAll(paint: Paint): void {
  const canvas = new OffscreenCanvas(1, 1);
  const pen = canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
  let writer: WritableStreamDefaultWriter<VideoFrame>;
  let newest: ReadableStream<VideoFrame>;
  let mark = "";
  let mirrored = false;
  const follow = async (readable: ReadableStream<VideoFrame>) => {
    const reader = readable.getReader();
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done || !frame) return;
      if (readable !== newest) {
        frame.close();
        return reader.cancel();
      }
      const { displayWidth: width, displayHeight: height, timestamp } = frame;
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      paint(pen, frame, width, height, mark, mirrored);
      frame.close();
      await writer.write(new VideoFrame(canvas, { timestamp }));
    }
  };
  onmessage = ({ data }) => {
    if (data.writable) writer = data.writable.getWriter();
    if (data.mark !== undefined) mark = data.mark;
    if (data.mirrored !== undefined) mirrored = data.mirrored;
    if (data.readable) {
      newest = data.readable;
      follow(newest).catch(() => undefined);
    }
  };
}

function paintedByWorker(track: FrameTrack, worker: Worker, mark: string): MarkedScreen {
  worker.postMessage({ writable: track.writable, mark }, [track.writable]);
  const screen = streamScreen(track);
  return {
    ...screen,
    follow(source) {
      const readable = frameStream(source);
      if (readable) worker.postMessage({ readable }, [readable]);
    },
    mirror: (mirrored) => worker.postMessage({ mirrored }),
    close() {
      worker.terminate();
      screen.close();
    },
  };
}

function paintedByPage(mark: string): MarkedScreen {
  const screen = new CanvasScreen();
  let mirrored = false;
  let unpump: () => void = () => undefined;
  return {
    stream: screen.stream,
    showIn: (host) => screen.showIn(host),
    follow(track) {
      unpump();
      unpump = pump(track, (frame, width, height) => {
        screen.resize(width, height);
        paintMarked(screen.pen, frame, width, height, mark, mirrored);
        screen.painted();
      });
    },
    mirror: (yes) => {
      mirrored = yes;
    },
    close() {
      unpump();
      screen.close();
    },
  };
}
