// What the view knows of a live call. agora.ts and sandbox.ts speak it; nothing else knows which of them is at work.

/** Where the picture comes from: a camera's id, the browser's default camera (""), or the drawn face. */
export const DRAWN = "drawn";

/** No microphone: the default, for the swap needs none. */
export const SILENT = "off";

/**
 * How long (ms) an answer of Python is waited for: a kernel that works through cells gives none meanwhile. pulse.ts
 * waits as long.
 */
export const KERNEL_PATIENCE = 180_000;

/** What the user chose in the menus. */
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

/** What a transport tells while it runs. */
export interface Listener {
  /** The swapped picture is there, or has changed its track. */
  pictured(stream: MediaStream): void;
  /** The swapped picture went away; the call still stands. */
  lost(): void;
  /** The way to the service broke and is being mended, or is mended again. */
  reconnecting(yes: boolean): void;
  /** The call is over and will not come back: a code of errors.ts. */
  ended(code: string, detail?: string): void;
  /** A frame has come: told while timers are slowed down, in a tab that nobody sees. */
  beat(): void;
  /** The browser keeps the sound back until somebody clicks. */
  soundHeld(): void;
  /** Worth a line under the picture: a code of errors.ts. */
  warned(code: string, detail?: string): void;
}

export interface Transport {
  /** Open camera and microphone as chosen; the local picture to show. */
  open(choice: Choice): Promise<MediaStream>;
  /** Enter the channel and publish; resolves when the service has us. */
  join(): Promise<void>;
  /** Exchange camera or microphone in mid-stream; the local picture to show from now on. */
  change(choice: Choice): Promise<MediaStream>;
  /** Send black and silence, or picture and sound again; holds for every device that is opened from now on. */
  mute(kind: "video" | "audio", muted: boolean): Promise<void>;
  /** Let the sound of the swapped picture be heard. */
  listen(yes: boolean): void;
  figures(): Figures;
  /** Leave the channel and switch camera and microphone off; never throws, may be called twice. */
  leave(): Promise<void>;
}

/** A failure whose code stands in the table of errors.ts. */
export class LiveError extends Error {
  constructor(
    readonly code: string,
    detail = "",
  ) {
    super(detail || code);
    this.name = "LiveError";
  }
}

/** The promise's value, or LiveError(code) after that many milliseconds; a late failure is swallowed. */
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
