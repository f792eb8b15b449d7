// Whether Python is still there. Not every host tells a page of its kernel's end (Voila and marimo do not), and a call
// through
// Agora needs no kernel; but without Python the session is closed, so its swapped picture goes away. That is when we
// ask.
import type { Channel } from "../../ui/channel.ts";

/** Seconds without a swapped picture before the first question, and between two. */
const FIRST = 30;
const NEXT = 15;
/**
 * So many questions in a row without an answer: three minutes, for a kernel that works through cells hears nothing
 * meanwhile.
 */
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

  /** A call begins. */
  begin(): void {
    this.missing = this.unanswered = 0;
  }

  /** Once a second. Seconds are counted, not read off a clock: a machine that slept has not waited. */
  look(pictured: boolean): void {
    this.missing = pictured ? 0 : this.missing + 1;
    if (pictured) this.unanswered = 0;
    if (this.missing < FIRST || (this.missing - FIRST) % NEXT !== 0) return;
    if (this.unanswered === PATIENCE) return this.gone();
    this.unanswered += 1;
    this.channel.post("pulse");
  }
}
