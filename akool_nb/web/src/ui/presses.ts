// Clicks that Python has to hear: each is sent once, however long that takes.
import type { Channel } from "./channel.ts";

/** From a click until Python has taken it, nothing else can be pressed: a kernel that is busy takes its time. */
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
   * Tell Python of a click, unless another one is under way; `always`, for what must never have to wait its turn, all
   * the same.
   */
  send(kind: string, content: object = {}, always = false): void {
    if (this.rests && !always) return;
    this.waitsFor = this.taken;
    this.channel.post(kind, content);
    this.look();
  }

  /** What Python says: how many clicks it has taken so far, and whether it is at work. */
  hear(taken: number, busy: boolean): void {
    [this.taken, this.busy] = [taken, busy];
  }
}
