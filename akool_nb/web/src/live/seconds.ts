// Something to do once a second during a call, also in a hidden tab: a timer runs once a minute there, but frames come.

/** A little less than a second (ms), because timers and frames are never quite on time. */
const SECOND = 990;

export class Seconds {
  private timer = 0;
  private last = 0;

  constructor(private readonly act: () => void) {}

  start(): void {
    this.last = performance.now();
    this.timer = setInterval(() => this.beat(), 1000) as unknown as number;
  }

  beat(): void {
    const now = performance.now();
    if (this.timer === 0 || now - this.last < SECOND) return;
    this.last = now;
    this.act();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
  }
}
