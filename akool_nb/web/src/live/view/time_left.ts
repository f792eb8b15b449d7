// How many seconds the session has left. Python counts them: the browser's clock may be minutes off.
import type { Channel } from "../../ui/channel.ts";

export class TimeLeft {
  /** The end on the page's own steady clock (ms); 0 if there is none. */
  private end = 0;

  constructor(private readonly channel: Channel) {
    channel.hear("time_left", ({ seconds }: { seconds: number }) => this.set(seconds));
    channel.follow("expires_at", (expires: number) => this.expiresAt(expires));
  }

  /** Null while there is no session. */
  get seconds(): number | null {
    return this.end === 0 ? null : Math.max(0, (this.end - performance.now()) / 1000);
  }

  private expiresAt(expires: number): void {
    this.end = 0;
    if (expires === 0) return;
    // Until Python answers, which it does between two cells, this page's clock has to do.
    this.set(expires - Date.now() / 1000);
    this.channel.post("time_left");
  }

  private set(seconds: number): void {
    this.end = performance.now() + 1000 * seconds;
  }
}
