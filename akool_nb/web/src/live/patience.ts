// What a call waits for: answers of Python, and the first swapped picture. If one is late, its likely causes are shown.
import { type Problem, problem } from "./errors.ts";
import type { Run } from "./run.ts";

/** How long (ms) a call may have no swapped picture until the likely causes are named. */
const SWAP_PATIENCE = 25_000;
/** How long (ms) Python may be silent before it is called busy. */
const BUSY_AFTER = 10_000;

export class Patience {
  private timer = 0;

  constructor(
    private readonly shown: () => Problem | null,
    private readonly show: (trouble: Problem | null) => void,
  ) {}

  /** Waits for Python. It answers only between two cells, so KERNEL_BUSY is shown after BUSY_AFTER. */
  async during<T>(run: Run, answer: Promise<T>): Promise<T> {
    const busy = problem("KERNEL_BUSY");
    const timer = later(() => {
      if (!run.over) this.show(busy);
    }, BUSY_AFTER);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      if (this.shown() === busy) this.show(null);
    }
  }

  /** The swapped picture should come from now on. */
  expectPicture(pictured: () => boolean): void {
    this.timer = later(() => {
      if (!pictured()) this.show(problem("NO_SWAPPED_VIDEO"));
    }, SWAP_PATIENCE);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

function later(act: () => void, milliseconds: number): number {
  return setTimeout(act, milliseconds) as unknown as number;
}
