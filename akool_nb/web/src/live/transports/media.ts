// Cameras, microphones and the drawn face as sources of pictures, and what this page is not allowed to open.
import { devices, openCamera as openStream, unavailable } from "../../ui/camera.ts";
import { drawFace, poseAt } from "../drawn/drawn_face.ts";
import { PERIOD, pump, type Taker } from "./frames.ts";
import { metronome } from "./metronome.ts";
import { READ_BACK } from "./pen.ts";
import { type FrameTrack, frameTrack } from "./screen.ts";
import { DRAWN, LiveError } from "./transport.ts";

/**
 * AKOOL's recommended picture: 640x480 at a fixed 20 frames per second.
 * https://docs.akool.com/ai-tools-suite/live-faceswap
 */
export const WIDTH = 640;
export const HEIGHT = 480;
export const RATE = 20;

/** Where pictures come from; it ends with `track.stop()`. */
export interface Source {
  readonly track: MediaStreamTrack;
  /** Call `take` with every picture until the returned function is called. */
  pump(take: Taker): () => void;
}

export interface Device {
  id: string;
  label: string;
}

/** Why this page can never open a camera, in a word that errors.ts knows; null if it may. */
export function obstacle(): string | null {
  const isVsCode = location.protocol === "vscode-webview:" || "acquireVsCodeApi" in globalThis;
  return isVsCode ? "HOST_WITHOUT_CAMERA" : unavailable();
}

/** The devices to choose from, once one was allowed; `word` with a number replaces a missing name. */
export async function choices(kind: MediaDeviceKind, word: string): Promise<Device[]> {
  const found = obstacle() ? [] : await devices(kind);
  return found
    .filter(({ deviceId }) => deviceId !== "")
    .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `${word} ${index + 1}` }));
}

/** Whether the browser lists that camera; while nothing was allowed it lists none. */
export async function isThere(camera: string): Promise<boolean> {
  return (await devices("videoinput")).some(({ deviceId }) => deviceId === camera);
}

export async function openSource(camera: string): Promise<Source> {
  if (camera === DRAWN) return drawnSource();
  const track = await openCamera(camera);
  return { track, pump: (take) => pump(track, take) };
}

/**
 * Another camera in place of `current`, which is the one chosen as `before`. Where only one can be open at a time
 * (Android, many pairs of front and back camera) the current one is closed first, and opened again if the other one
 * fails: then `failure` says why.
 */
export async function switchSource(
  current: Pick<Source, "track">,
  before: string,
  wanted: string,
): Promise<{ source: Source; failure?: unknown }> {
  try {
    return { source: await openSource(wanted) };
  } catch (failure) {
    if (failure !== "busy") throw failure;
  }
  current.track.stop();
  try {
    return { source: await openSource(wanted) };
  } catch (failure) {
    return { source: await openSource(before), failure };
  }
}

async function openCamera(camera: string): Promise<MediaStreamTrack> {
  const blocked = obstacle();
  if (blocked) throw new LiveError(blocked);
  const size = { width: WIDTH, height: HEIGHT };
  try {
    return first(await openStream(camera, { ...size, frameRate: { max: RATE, min: RATE } }));
  } catch (failure) {
    // Many cameras have no mode of exactly 20 frames per second; browsers report that like a missing camera.
    if (failure !== "none") throw failure;
    return first(await openStream(camera, { ...size, frameRate: { ideal: RATE } }));
  }
}

function first(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getTracks();
  if (!track) throw new LiveError("DEVICE_NOT_FOUND");
  return track;
}

/** The moving drawn face, also while the tab is hidden. */
export function drawnSource(): Source {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d", READ_BACK) as CanvasRenderingContext2D;
  const takers = new Set<Taker>();
  const written = frameTrack();
  const track = written ?? (canvas.captureStream(RATE).getVideoTracks()[0] as MediaStreamTrack);
  if (written) takers.add(writeTo(written));
  const born = performance.now();
  const draw = () => {
    drawFace(pen, WIDTH, HEIGHT, poseAt((performance.now() - born) / 1000));
    for (const take of takers) take(canvas, WIDTH, HEIGHT);
  };
  const tick = () => {
    if (track.readyState === "ended") stop();
    else draw();
  };
  const stop = metronome(tick, PERIOD);
  draw();
  return {
    track,
    pump(take) {
      takers.add(take);
      return () => takers.delete(take);
    },
  };
}

function writeTo(track: FrameTrack): Taker {
  const writer = track.writable.getWriter();
  return (frame) => {
    const made = new VideoFrame(frame, { timestamp: Math.round(performance.now() * 1000) });
    writer.write(made).catch(() => made.close());
  };
}
