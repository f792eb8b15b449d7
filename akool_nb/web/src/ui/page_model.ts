// A widget's model over a WebSocket: the part of anywidget's interface that our widgets use.
import type { Model } from "./channel.ts";

type Handler = (...args: unknown[]) => void;

interface Message {
  state?: Record<string, unknown>;
  msg?: unknown;
  buffers: number;
}

export class PageModel implements Model {
  private readonly state: Record<string, unknown> = {};
  private readonly unsaved = new Set<string>();
  private readonly handlers = new Map<string, Set<Handler>>();
  private message: Message = { buffers: 0 };
  private buffers: DataView[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.heard(data);
    // Python has ended: that means the same as the end of a kernel in a notebook.
    socket.onclose = () => this.emit("comm_live_update");
  }

  /** Resolves when Python has sent the first state. */
  static open(url: string): Promise<PageModel> {
    const model = new PageModel(new WebSocket(url));
    return new Promise((resolve) => model.on("ready", () => resolve(model)));
  }

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string, value: unknown): void {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.unsaved.add(name);
    this.emit(`change:${name}`);
  }

  save_changes(): void {
    const state = Object.fromEntries([...this.unsaved].map((name) => [name, this.state[name]]));
    this.unsaved.clear();
    if (Object.keys(state).length) this.tell({ state, buffers: 0 }, []);
  }

  send(msg: unknown, _callbacks?: unknown, buffers: (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.tell({ msg, buffers: buffers.length }, buffers);
  }

  on(name: string, handler: Handler): void {
    this.handlers.set(name, (this.handlers.get(name) ?? new Set()).add(handler));
  }

  off(name?: string | null, handler?: Handler | null): void {
    if (name && handler) this.handlers.get(name)?.delete(handler);
  }

  private tell(message: Message, buffers: (ArrayBuffer | ArrayBufferView)[]): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify(message));
    for (const buffer of buffers) this.socket.send(buffer as ArrayBuffer);
  }

  private heard(data: string | ArrayBuffer): void {
    if (typeof data === "string") [this.message, this.buffers] = [JSON.parse(data) as Message, []];
    else this.buffers.push(new DataView(data));
    if (this.buffers.length === this.message.buffers) this.take(this.message, this.buffers);
  }

  private take({ state, msg }: Message, buffers: DataView[]): void {
    const isFirst = Object.keys(this.state).length === 0;
    for (const [name, value] of Object.entries(state ?? {})) {
      const changed = JSON.stringify(this.state[name]) !== JSON.stringify(value);
      this.state[name] = value;
      if (changed && !isFirst) this.emit(`change:${name}`);
    }
    if (msg !== undefined) this.emit("msg:custom", msg, buffers);
    if (isFirst) this.emit("ready");
  }

  private emit(name: string, ...args: unknown[]): void {
    for (const handler of [...(this.handlers.get(name) ?? [])]) handler(...args);
  }
}
