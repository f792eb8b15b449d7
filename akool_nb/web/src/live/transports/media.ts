// Camera, microphone and the drawn face as media tracks, and what this page is not allowed to open.
import { devices, openCamera as openStream, unavailable } from "../../ui/camera.ts";
import { drawFace, poseAt } from "../drawn/drawn_face.ts";
import { DRAWN, LiveError } from "./transport.ts";

/** AKOOL's recommended picture: 640x480 at a fixed 20 frames per second.
 *  https://docs.akool.com/ai-tools-suite/live-faceswap */
export const WIDTH = 640;
export const HEIGHT = 480;
export const RATE = 20;

export interface Device {
  id: string;
  label: string;
}

/** Why this page can never open a camera, in a word that errors.ts knows; null if it may. */
export function obstacle(): string | null {
  return location.protocol === "vscode-webview:" || "acquireVsCodeApi" in globalThis
    ? "HOST_WITHOUT_CAMERA"
    : unavailable();
}

/** What there is to choose from, once a camera was allowed; `word` with a number stands for a missing name. */
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

/** The chosen camera (or the drawn face) as a track; it ends with track.stop(). */
export async function openCamera(camera: string): Promise<MediaStreamTrack> {
  if (camera === DRAWN) return drawnTrack();
  const blocked = obstacle();
  if (blocked) throw new LiveError(blocked);
  const size = { width: WIDTH, height: HEIGHT };
  try {
    return first(await openStream(camera, { ...size, frameRate: { max: RATE, min: RATE } }));
  } catch (failure) {
    // Many real cameras have no mode of exactly 20 frames per second, which looks like having no camera.
    if (failure !== "none") throw failure;
    return first(await openStream(camera, { ...size, frameRate: { ideal: RATE } }));
  }
}

function first(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getTracks();
  if (!track) throw new LiveError("DEVICE_NOT_FOUND");
  return track;
}

/** The moving drawn face as a camera would give it. */
export function drawnTrack(): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
  const [track] = canvas.captureStream(RATE).getVideoTracks() as [MediaStreamTrack];
  const born = performance.now();
  const draw = () => drawFace(pen, WIDTH, HEIGHT, poseAt((performance.now() - born) / 1000));
  draw();
  const timer = setInterval(() => (track.readyState === "ended" ? clearInterval(timer) : draw()), 1000 / RATE);
  return track;
}
