// Clicks for Python: each is sent once, also when Python answers late.
import type { Channel } from "./channel.ts";

/** From a click until Python has taken it nothing else can be pressed, because a busy kernel may need minutes. */
export class Presses {
  private waitsFor = -1;
  private taken = 0;
  private busy = false;

  constructor(
    private readonly channel: Pick<Channel, "post">,
    private readonly look: () => void,
  ) {}

  get rests(): boolean {
    return this.busy || this.taken === this.waitsFor;
  }

  /**
   * Send a click to Python, unless an earlier one is unanswered. With `always` it is sent in any case.
   */
  send(kind: string, content: object = {}, always = false): void {
    if (this.rests && !always) return;
    this.waitsFor = this.taken;
    this.channel.post(kind, content);
    this.look();
  }

  /** What Python says: how many clicks it has taken so far, and whether it is at work. */
  hear(taken: number, busy: boolean): void {
    this.taken = taken;
    this.busy = busy;
  }
}
