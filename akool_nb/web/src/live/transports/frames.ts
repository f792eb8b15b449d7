// Frames out of a track. Chromium has MediaStreamTrackProcessor, which also works in a hidden tab. Elsewhere a video
// element shows the track; its frame callback stops in a hidden tab, and WebKitGTK never calls it for a camera.
import { metronome } from "./metronome.ts";

interface Breakout {
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
}

/** A frame and its size; valid during the call only. */
export type Taker = (frame: CanvasImageSource, width: number, height: number) => void;

/** 20 pictures a second, the rate of AKOOL's recommended picture. */
export const PERIOD = 50;
/** Frame callbacks that are further apart (ms) do not follow the picture, and the metronome takes the frames. */
const CALLBACK_MISSING = 3 * PERIOD;

export function frameStream(track: MediaStreamTrack): ReadableStream<VideoFrame> | null {
  const { MediaStreamTrackProcessor } = globalThis as Breakout;
  return MediaStreamTrackProcessor ? new MediaStreamTrackProcessor({ track }).readable : null;
}

/** Call `take` with every frame of the track until the returned function is called. */
export function pump(track: MediaStreamTrack, take: Taker): () => void {
  const readable = frameStream(track);
  return readable ? pumpStream(readable, take) : pumpVideo(track, take);
}

function pumpStream(readable: ReadableStream<VideoFrame>, take: Taker): () => void {
  const reader = readable.getReader();
  const loop = async () => {
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done || !frame) return;
      take(frame, frame.displayWidth, frame.displayHeight);
      frame.close();
    }
  };
  loop().catch(() => undefined);
  return () => void reader.cancel().catch(() => undefined);
}

function pumpVideo(track: MediaStreamTrack, take: Taker): () => void {
  const video = playing(track);
  let called = -Infinity;
  // A hidden tab still gets a callback now and then: a single one proves nothing.
  let steady = false;
  let handle = 0;
  const isLate = () => performance.now() - called >= CALLBACK_MISSING;
  const grab = () => {
    if (video.videoWidth > 0) take(video, video.videoWidth, video.videoHeight);
  };
  const next = () => {
    handle = video.requestVideoFrameCallback?.(() => {
      steady = !isLate();
      called = performance.now();
      if (steady) grab();
      next();
    });
  };
  next();
  const stop = metronome(() => {
    if (isLate()) steady = false;
    if (!steady) grab();
  }, PERIOD);
  return () => {
    stop();
    video.cancelVideoFrameCallback?.(handle);
    video.srcObject = null;
  };
}

function playing(track: MediaStreamTrack): HTMLVideoElement {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => undefined);
  return video;
}
