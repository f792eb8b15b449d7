// The interface between a live call and what carries it: agora.ts and sandbox.ts implement `Transport`.
import type { Screen } from "./screen.ts";

/** Where the picture comes from: a camera's id, the browser's default camera (""), or the drawn face. */
export const DRAWN = "drawn";

/** No microphone: the default, because the swap needs none. */
export const SILENT = "off";

/**
 * How long (ms) an answer of Python is waited for: a kernel that runs cells sends none meanwhile. See also pulse.ts.
 */
export const KERNEL_PATIENCE = 180_000;

/** The camera and microphone chosen in the menus. */
export interface Choice {
  camera: string;
  microphone: string;
}

/** The numbers of the last second; null where a transport cannot know. */
export interface Figures {
  fps_out: number | null;
  fps_in: number | null;
  width: number | null;
  height: number | null;
  kbps_out: number | null;
  kbps_in: number | null;
  round_trip_ms: number | null;
  delay_ms: number | null;
  dropped: number;
}

/** The local picture to show from now on; with a failure it is the camera before, which was opened again. */
export interface Changed {
  local: MediaStream;
  failure?: unknown;
}

/** The events of a transport. */
export interface Listener {
  /** The swapped picture is there. */
  pictured(screen: Screen): void;
  /** The swapped picture ended; the call continues. */
  lost(): void;
  /** The connection broke and is being restored, or is restored. */
  reconnecting(yes: boolean): void;
  /** The call is over for good: a code of errors.ts. */
  ended(code: string, detail?: string): void;
  /** A frame has come, also while a hidden tab's timers are slow. */
  beat(): void;
  /** The browser plays no sound until the user clicks. */
  soundHeld(): void;
  /** There is no microphone any more: a code of errors.ts. */
  silenced(code: string): void;
  /** Worth a line under the picture: a code of errors.ts. */
  warned(code: string, detail?: string): void;
}

export interface Transport {
  /** Open camera and microphone as chosen; the local picture to show. */
  open(choice: Choice): Promise<MediaStream>;
  /** Enter the channel and publish; resolves when the service has accepted us. */
  join(): Promise<void>;
  /** Exchange camera or microphone during the call. */
  change(choice: Choice): Promise<Changed>;
  /** Send black and silence, or picture and sound again; holds for every device that is opened from now on. */
  mute(kind: "video" | "audio", muted: boolean): Promise<void>;
  /** Play the sound of the swapped picture, or not. */
  listen(yes: boolean): void;
  /** Show the swapped picture as in a mirror, or not. */
  mirror(yes: boolean): void;
  figures(): Figures;
  /** Leave the channel and switch camera and microphone off; never throws, may be called twice. */
  leave(): Promise<void>;
}

/** A failure whose code is in the table of texts/live_errors.ts. */
export class LiveError extends Error {
  constructor(
    readonly code: string,
    detail = "",
  ) {
    super(detail || code);
    this.name = "LiveError";
  }
}

/** The promise's value, or LiveError(code) after that many milliseconds; a late failure is ignored. */
export async function within<T>(promise: Promise<T>, milliseconds: number, code: string): Promise<T> {
  let timer = 0;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LiveError(code)), milliseconds) as unknown as number;
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
