// One frame of a video as a PNG that says where it comes from.
import { withXmp } from "../provenance/png.ts";

export async function takeSnapshot(video: HTMLVideoElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).drawImage(video, 0, 0);
  const picture = await canvas.convertToBlob({ type: "image/png" });
  return new Blob([withXmp(new Uint8Array(await picture.arrayBuffer()))], { type: "image/png" });
}
