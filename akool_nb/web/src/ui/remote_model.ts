// A widget's model whose traits and messages travel over our own connection: the part of anywidget's interface that
// our widgets use.
import type { Model } from "./channel.ts";

type Handler = (...args: unknown[]) => void;

export abstract class RemoteModel implements Model {
  private readonly state: Record<string, unknown> = {};
  private readonly unsaved = new Set<string>();
  private readonly handlers = new Map<string, Set<Handler>>();

  readonly ready = new Promise<this>((resolve) => this.on("ready", () => resolve(this)));

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
    if (Object.keys(state).length) this.sendState(state);
  }

  on(name: string, handler: Handler): void {
    this.handlers.set(name, (this.handlers.get(name) ?? new Set()).add(handler));
  }

  off(name?: string | null, handler?: Handler | null): void {
    if (name && handler) this.handlers.get(name)?.delete(handler);
  }

  abstract send(content: unknown, callbacks?: unknown, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;

  protected abstract sendState(state: Record<string, unknown>): void;

  /** Traits of Python. The first whole state, which has the widget's key, is reported as one event. */
  protected takeState(state: Record<string, unknown>): void {
    const wasReady = "_key" in this.state;
    for (const [name, value] of Object.entries(state)) {
      const changed = JSON.stringify(this.state[name]) !== JSON.stringify(value);
      this.state[name] = value;
      if (changed && wasReady) this.emit(`change:${name}`);
    }
    if (!wasReady && "_key" in this.state) this.emit("ready");
  }

  emit(name: string, ...args: unknown[]): void {
    for (const handler of [...(this.handlers.get(name) ?? [])]) handler(...args);
  }
}
