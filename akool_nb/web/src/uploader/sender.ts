// Files on their way to Python: in pieces, because a notebook server refuses messages over 10 MiB, and whole, because
// only the original holds its orientation, by which its points are mapped back.
import { texts } from "../texts/image_uploader.ts";
import type { Channel } from "../ui/channel.ts";
import { Listeners } from "../ui/listeners.ts";

export const PIECE = 1024 * 1024;
const IN_FLIGHT = 4;

export interface Progress {
  name: string;
  /** 0…1; at 1 Python is opening the picture. */
  share: number;
}

interface Job {
  name: string;
  send: (upload: number) => void | Promise<void>;
  arrived: (() => void) | undefined;
}

/** Where the pieces of a file of that size begin and end. */
export function pieces(size: number, length = PIECE): [number, number][] {
  const count = Math.max(1, Math.ceil(size / length));
  return Array.from({ length: count }, (_, index) => [index * length, Math.min(size, (index + 1) * length)]);
}

/** One that no other upload has, of this page or of another page of the same widget: each answer carries it. */
function newNumber(): number {
  return 1 + crypto.getRandomValues(new Uint32Array(1))[0]!;
}

/** Sends one thing after the other; `progress` is null when nothing is under way. */
export class Sender {
  progress: Progress | null = null;
  readonly changed = new Listeners();
  private queue: Job[] = [];
  private upload = 0;
  private acknowledged = 0;
  private wake: () => void = () => {};
  private arrived: () => void = () => {};

  constructor(private channel: Channel) {
    channel.hear("got", ({ upload, bytes, size }) => upload === this.upload && this.advance(bytes, size));
    channel.hear("done", ({ upload, ok }) => {
      if (upload !== this.upload) return;
      if (ok) this.arrived();
      this.finish();
    });
  }

  file(file: Blob, name: string): void {
    // Asked for now: of a file that was deleted meanwhile, a browser reports the size 0.
    const { size } = file;
    this.add(name, (upload) => this.send(file, size, name, upload));
  }

  /** `arrived` is called when Python has got the picture; not when that fails. */
  url(url: string, arrived: () => void = () => {}): void {
    this.add(url, (upload) => this.channel.post("url", { upload, url }), arrived);
  }

  sample(name: string): void {
    this.add(name, (upload) => this.channel.post("sample", { upload, name }));
  }

  /** Stop what is under way and what waits; Python forgets the pieces it has. */
  cancel(): void {
    this.queue = [];
    this.channel.post("cancel", { upload: this.upload });
    this.finish();
  }

  private add(name: string, send: Job["send"], arrived?: () => void): void {
    this.queue.push({ name, send, arrived });
    if (!this.progress) this.next();
  }

  private next(): void {
    const job = this.queue.shift();
    this.progress = job ? { name: job.name, share: 0 } : null;
    this.upload = newNumber();
    this.acknowledged = 0;
    this.changed.call();
    this.arrived = job?.arrived ?? (() => {});
    void job?.send(this.upload);
  }

  private async send(file: Blob, size: number, name: string, upload: number): Promise<void> {
    for (const [start, end] of pieces(size)) {
      // At most a few pieces wait in the channel, so that other messages get through and the bar is honest.
      while (upload === this.upload && start - this.acknowledged >= IN_FLIGHT * PIECE)
        await new Promise<void>((go) => (this.wake = go));
      const bytes = await file
        .slice(start, end)
        .arrayBuffer()
        .catch(() => null);
      if (upload !== this.upload) return;
      if (!bytes) return this.giveUp(name);
      this.channel.post("piece", { upload, name, size, start }, [bytes]);
    }
  }

  // A dropped folder, or a file that was moved or locked since it was chosen. What waits behind it goes on.
  private giveUp(name: string): void {
    this.channel.set("error", texts.unreadable(name));
    this.channel.post("cancel", { upload: this.upload });
    this.finish();
  }

  private advance(bytes: number, size: number): void {
    // Not every host keeps the order of messages.
    this.acknowledged = Math.max(bytes, this.acknowledged);
    this.progress!.share = this.acknowledged / Math.max(1, size);
    this.wake();
    this.changed.call();
  }

  private finish(): void {
    this.upload = 0;
    this.wake();
    this.next();
  }
}
