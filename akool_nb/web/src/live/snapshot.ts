// The next picture of a stream as a PNG that says where it comes from.
import { withXmp } from "./provenance/png.ts";
import { pump } from "./transports/frames.ts";
import { within } from "./transports/transport.ts";

/** A stream that has stopped gives no picture; so long (ms) is one waited for. */
const PATIENCE = 2000;

export async function takeSnapshot(stream: MediaStream): Promise<Blob> {
  const [track] = stream.getVideoTracks();
  let end: () => void = () => undefined;
  const painted = new Promise<OffscreenCanvas>((resolve) => {
    if (track) end = pump(track, (frame, width, height) => resolve(paint(frame, width, height)));
  });
  const canvas = await within(painted, PATIENCE, "NO_SWAPPED_VIDEO").finally(end);
  const picture = await canvas.convertToBlob({ type: "image/png" });
  return new Blob([withXmp(new Uint8Array(await picture.arrayBuffer()))], { type: "image/png" });
}

function paint(frame: CanvasImageSource, width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).drawImage(frame, 0, 0, width, height);
  return canvas;
}
