// The browser's devices for Node: a camera that waits for a permission, tracks that know whether their light is on, a
// socket and a peer connection without a network. Nothing of ours is in here. Import it before what works with devices.
import type { Model } from "../src/ui/channel.ts";

class Track {
  readyState = "live";
  enabled = true;
  onended: (() => void) | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(readonly kind: "video" | "audio") {}

  addEventListener(_type: "ended", listener: () => void): void {
    this.listeners.push(listener);
  }

  /** By the page: browsers fire no event then. */
  stop(): void {
    this.readyState = "ended";
  }

  /** By the device, or by the other side. */
  end(): void {
    this.readyState = "ended";
    this.onended?.();
    for (const listener of this.listeners) listener();
  }
}

function device(kind: "video" | "audio"): Track {
  const opened = new Track(kind);
  tracks.push(opened);
  return opened;
}

class Stream {
  constructor(private readonly held: Track[] = []) {}

  getTracks(): Track[] {
    return this.held;
  }

  getVideoTracks(): Track[] {
    return this.held.filter((track) => track.kind === "video");
  }
}

/** Every track of a device that was ever opened. */
export const tracks: Track[] = [];

export const track = (kind: "video" | "audio" = "video"): MediaStreamTrack =>
  device(kind) as unknown as MediaStreamTrack;

/** How many device tracks are live. */
export const lights = (): number => tracks.filter(({ readyState }) => readyState === "live").length;

/** Permission requests without an answer; without `asks` everything is allowed at once. */
export const prompts: (() => void)[] = [];
export const browser = { asks: false, sockets: "open" as "open" | "refused" };

function getUserMedia(wanted: MediaStreamConstraints): Promise<Stream> {
  return new Promise((resolve) => {
    const allow = () => resolve(new Stream([device(wanted.audio ? "audio" : "video")]));
    if (browser.asks) prompts.push(allow);
    else allow();
  });
}

/** A WebSocket that opens or is refused; a test can break it or make it receive a message. */
export class Socket {
  static readonly OPEN = 1;
  static readonly all: Socket[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    Socket.all.push(this);
    const opens = browser.sockets === "open";
    setTimeout(() => {
      if (!opens) return this.onclose?.();
      this.readyState = 1;
      this.onopen?.();
    }, 0);
  }

  send(): void {}

  close(): void {
    this.readyState = 3;
  }

  break(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  receive(data: object): void {
    this.onmessage?.({ data: JSON.stringify(data) });
  }
}

/** Both ends of a connection in one place: what is added here arrives there. */
class Peer {
  onicecandidate = null;
  ontrack: ((event: object) => void) | null = null;
  localDescription = { from: this };
  added: unknown = null;

  addTrack(added: unknown): object {
    this.added = added;
    return { replaceTrack: async () => undefined };
  }

  async setLocalDescription(): Promise<void> {}

  async setRemoteDescription({ from }: { from: Peer }): Promise<void> {
    if (from.added) this.ontrack?.({ track: new Track("video") });
  }

  close(): void {}
}

class Canvas {
  /** A drawing context that accepts every call. */
  getContext(): object {
    return new Proxy({}, { get: () => () => ({ addColorStop: () => undefined }) });
  }

  transferToImageBitmap(): object {
    return { close: () => undefined };
  }

  captureStream(): Stream {
    return new Stream([new Track("video")]);
  }
}

interface Video {
  srcObject: Stream | null;
}

const videos: Video[] = [];

function video(): object {
  const made = { srcObject: null, videoWidth: 0, videoHeight: 0, play: async () => undefined };
  videos.push(made);
  return {
    ...callbacks,
    ...made,
    set srcObject(stream: Stream | null) {
      made.srcObject = stream as never;
    },
  };
}

const callbacks = { requestVideoFrameCallback: () => 1, cancelVideoFrameCallback: () => undefined };

/** The track that a video element of the page shows. */
export const shownTrack = (): unknown =>
  videos
    .filter((one) => one.srcObject)
    .at(-1)
    ?.srcObject?.getTracks()[0];
/** As if a site's policy forbids workers. */
class ForbiddenWorker {
  onerror: (() => void) | null = null;

  constructor() {
    setTimeout(() => this.onerror?.(), 0);
  }
}

const stubs = {
  window: globalThis,
  isSecureContext: true,
  location: { protocol: "http:", hostname: "localhost", origin: "http://localhost", href: "http://localhost/" },
  document: { getElementById: () => null, createElement: (tag: string) => (tag === "canvas" ? new Canvas() : video()) },
  localStorage: { getItem: () => null, setItem: () => undefined },
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  MediaStream: Stream,
  OffscreenCanvas: Canvas,
  Worker: ForbiddenWorker,
  WebSocket: Socket,
  RTCPeerConnection: Peer,
  navigator: { mediaDevices: { getUserMedia, enumerateDevices: async () => [] } },
};
for (const [name, value] of Object.entries(stubs))
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

// Also if a test has replaced the clock.
const { setTimeout: realTimeout } = globalThis;

/** A short time, in which everything that is ready happens. */
export const moment = (milliseconds = 10): Promise<void> =>
  new Promise((resolve) => void realTimeout(resolve, milliseconds));

/** Wait until the condition is true, for as long as a slow machine may need. */
export async function until(so: () => boolean): Promise<void> {
  for (let turn = 0; !so(); turn++) {
    if (turn === 2000) throw new Error(`It never came: ${so}`);
    await moment(5);
  }
}

/** A widget's model; the test acts as Python. */
export class Wire {
  readonly sent: any[] = [];
  answer: (message: any) => void = () => undefined;
  private readonly handlers = new Map<string, Set<(...args: any[]) => void>>();
  readonly model: Model;
  /** What a saved change does: the names of the traits. */
  saved: (names: string[]) => void = () => undefined;
  private readonly changed: string[] = [];

  constructor(readonly state: Record<string, unknown>) {
    this.model = {
      get: (name) => this.state[name],
      set: (name, value) => this.change(name, value),
      save_changes: () => this.saved(this.changed.splice(0)),
      send: (message: any) => {
        this.sent.push(message);
        this.answer(message);
      },
      on: (name, handler) => void this.handlers.set(name, this.of(name).add(handler)),
      off: (name, handler) => void (name && handler && this.of(name).delete(handler)),
    };
  }

  /** The model receives a message of Python. */
  receive(kind: string, content: object = {}): void {
    this.emit("msg:custom", { kind, ...content }, []);
  }

  /** Python sets a trait. */
  set(name: string, value: unknown): void {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.emit(`change:${name}`);
  }

  private change(name: string, value: unknown): void {
    if (this.state[name] !== value) this.changed.push(name);
    this.set(name, value);
  }

  emit(name: string, ...args: unknown[]): void {
    for (const handler of [...this.of(name)]) handler(...args);
  }

  /** The number of listeners. */
  of(name: string): Set<(...args: any[]) => void> {
    return this.handlers.get(name) ?? new Set();
  }
}

/** Two pages of one widget: what one of them saves reaches the other through Python. */
export function connected(first: Wire, second: Wire): void {
  const pass = (to: Wire, from: Wire) => (names: string[]) => {
    for (const name of new Set(names)) to.state[name] = from.state[name];
    for (const name of new Set(names)) to.emit(`change:${name}`);
  };
  first.saved = pass(second, first);
  second.saved = pass(first, second);
}
