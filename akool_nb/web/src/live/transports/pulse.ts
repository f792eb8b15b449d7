// Whether Python still runs. Some hosts (Voila, marimo) send a page no event when its kernel ends, and a call through
// Agora needs no kernel. But a dead kernel's session is closed, so the swapped picture ends: then this sends questions.
import type { Channel } from "../../ui/channel.ts";

/** Seconds without a swapped picture before the first question, and between two. */
const FIRST = 30;
const NEXT = 15;
/** Unanswered questions in a row that mean the end: three minutes, because a kernel that runs cells answers none. */
const PATIENCE = 12;

export class Pulse {
  private missing = 0;
  private unanswered = 0;

  constructor(
    private readonly channel: Channel,
    private readonly gone: () => void,
  ) {
    channel.hear("pulse", () => (this.unanswered = 0));
  }

  begin(): void {
    this.missing = 0;
    this.unanswered = 0;
  }

  /** Called once a second. Calls are counted instead of reading a clock: a machine that slept did not wait. */
  look(pictured: boolean): void {
    this.missing = pictured ? 0 : this.missing + 1;
    if (pictured) this.unanswered = 0;
    if (this.missing < FIRST || (this.missing - FIRST) % NEXT !== 0) return;
    if (this.unanswered === PATIENCE) return this.gone();
    this.unanswered += 1;
    this.channel.post("pulse");
  }
}
