// One frame of a video as a PNG.

export function takeSnapshot(video: HTMLVideoElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
