// The page's side of widgets/base.py: messages by kind, traits, and answers that belong to a question.
import { Bag } from "./dom.ts";

/** The part of an anywidget model that our widgets use; JupyterLab, Notebook, Voila and marimo all have it. */
export interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown, callbacks?: unknown, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  on(name: string, handler: (...args: any[]) => void): void;
  off(name?: string | null, handler?: ((...args: any[]) => void) | null): void;
}

export interface Message {
  kind: string;
  [name: string]: any;
}

export type Handler = (message: any, buffers: DataView[]) => void;

export class Channel {
  private bag = new Bag();

  constructor(readonly model: Model) {}

  /** Send a message to Python; `widgets/base.py` calls `_receive_<kind>` with it. */
  post(kind: string, content: object = {}, buffers: (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.model.send({ kind, ...content }, undefined, buffers);
  }

  hear(kind: string, handler: Handler): void {
    this.on("msg:custom", (message: Message, buffers: DataView[] = []) => {
      if (message?.kind === kind) handler(message, buffers);
    });
  }

  /** Follow a trait: called now and after each change. */
  follow(trait: string, handler: (value: any) => void): void {
    this.on(`change:${trait}`, () => handler(this.model.get(trait)));
    handler(this.model.get(trait));
  }

  set(trait: string, value: unknown): void {
    if (this.model.get(trait) === value) return;
    this.model.set(trait, value);
    this.model.save_changes();
  }

  /** Python sends everything unasked when the widget is made; only a page that came later must ask. */
  askUnless(hasCome: () => boolean): void {
    const asking = setTimeout(() => hasCome() || this.post("hello"), 250);
    this.bag.add(() => clearTimeout(asking));
  }

  on(event: string, handler: (...args: any[]) => void): void {
    this.model.on(event, handler);
    this.bag.add(() => this.model.off(event, handler));
  }

  close(): void {
    this.bag.empty();
  }
}

/** Bytes of a message as a Blob; hosts hand out views into larger buffers. */
export function blob(buffer: DataView, type: string): Blob {
  return new Blob([new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength)], { type });
}
