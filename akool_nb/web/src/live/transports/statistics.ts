// Counting frames: rates, bit rates, and how long a frame was on its way.
import type { Figures } from "./transport.ts";

/** Events of the last second (ms), so their number is their rate. */
const WINDOW = 1000;

/** Moments with a weight, forgotten after the window. */
class Rate {
  private readonly seen: Array<[moment: number, weight: number]> = [];

  add(weight: number, now: number): void {
    this.recent(now).push([now, weight]);
  }

  perSecond(now: number): number {
    return this.recent(now).length;
  }

  weightPerSecond(now: number): number {
    return this.recent(now).reduce((sum, [, weight]) => sum + weight, 0);
  }

  median(now: number): number | null {
    const sorted = this.recent(now).map(([, weight]) => weight);
    sorted.sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  private recent(now: number) {
    while (this.seen[0] && now - this.seen[0][0] >= WINDOW) this.seen.shift();
    return this.seen;
  }
}

/** The figures of a frame-by-frame transport. */
export class Meter {
  /** Every delay since the last `drain`, for benches. */
  private delays: number[] = [];
  private readonly out = new Rate();
  private readonly back = new Rate();
  private readonly delay = new Rate();
  private readonly trip = new Rate();
  private size: [number | null, number | null] = [null, null];
  dropped = 0;
  received = 0;

  sent(bytes: number, now = performance.now()): void {
    this.out.add(bytes, now);
  }

  answered(bytes: number, roundTrip: number, now = performance.now()): void {
    this.back.add(bytes, now);
    this.trip.add(roundTrip, now);
    this.received += 1;
  }

  shown(delay: number, width: number, height: number, now = performance.now()): void {
    this.delay.add(delay, now);
    this.size = [width, height];
    if (this.delays.length < 20_000) this.delays.push(delay);
  }

  drain(): number[] {
    const all = this.delays;
    this.delays = [];
    return all;
  }

  figures(now = performance.now()): Figures {
    return {
      fps_out: this.out.perSecond(now),
      fps_in: this.back.perSecond(now),
      width: this.size[0],
      height: this.size[1],
      kbps_out: Math.round((this.out.weightPerSecond(now) * 8) / 1000),
      kbps_in: Math.round((this.back.weightPerSecond(now) * 8) / 1000),
      round_trip_ms: rounded(this.trip.median(now)),
      delay_ms: rounded(this.delay.median(now)),
      dropped: this.dropped,
    };
  }
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
