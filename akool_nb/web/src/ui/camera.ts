// Cameras: which there are, opening one, and which of the six ways of failing it was.
import type { camera } from "../texts/shared.ts";

/** The sentences about them, which say what to do, are in texts/shared.ts. */
export type CameraFailure = keyof typeof camera;

/** Open the camera with that id, or the browser's choice; rejects with a `CameraFailure`. */
export async function openCamera(deviceId = "", wish: MediaTrackConstraints = {}): Promise<MediaStream> {
  const missing = unavailable();
  if (missing) throw missing;
  const video = { ...wish, ...(deviceId && { deviceId: { exact: deviceId } }) };
  try {
    return await navigator.mediaDevices.getUserMedia({ video });
  } catch (error) {
    // The camera of the last time may be unplugged; any other is better than none.
    if (deviceId && isAboutTheCamera(error as OverconstrainedError, wish)) return openCamera("", wish);
    throw whyNot(error);
  }
}

/**
 * Not what is wished of it. Browsers keep the constraint's name back while nothing was allowed; then it is the id if
 * nothing else is demanded.
 */
function isAboutTheCamera({ name, constraint }: OverconstrainedError, wish: MediaTrackConstraints): boolean {
  const demands = Object.values(wish).some((value) =>
    ["exact", "min", "max"].some((word) => typeof value === "object" && word in value),
  );
  return name === "OverconstrainedError" && (constraint ? constraint === "deviceId" : !demands);
}

/** The devices of a kind; their names are empty until one was allowed. An error counts as no devices. */
export async function devices(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return all.filter((device) => device.kind === kind);
}

/** The light goes off only when every track has stopped. */
export function closeStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Why this page can never open a camera, known before asking for one; null if it may. */
export function unavailable(): CameraFailure | null {
  // On an insecure page the media interface is simply not there.
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia) return "missing";
  const policy = (document as any).featurePolicy ?? (document as any).permissionsPolicy;
  return policy && !policy.allowsFeature("camera") ? "blocked" : null;
}

/** https://developer.mozilla.org/docs/Web/API/MediaDevices/getUserMedia#exceptions */
function whyNot(error: unknown): CameraFailure {
  const names: Record<string, CameraFailure> = {
    NotAllowedError: "denied",
    NotFoundError: "none",
    OverconstrainedError: "none",
    NotReadableError: "busy",
    SecurityError: "blocked",
  };
  return names[(error as Error).name] ?? "other";
}
