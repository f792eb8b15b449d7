// A clock that also ticks in a hidden tab: browsers slow down a hidden page's timers, but not those of its workers.
import { openWorker } from "./worker.ts";

/** Each tick has its time: Firefox counts an interval from the tick before, which is a millisecond or two late. */
function tickAll(): void {
  onmessage = ({ data: period }) => {
    let due = performance.now();
    const tick = () => {
      postMessage(null);
      // After a pause, for example of a machine that slept, the missed ticks are left out.
      due = Math.max(due + period, performance.now());
      setTimeout(tick, due - performance.now());
    };
    tick();
  };
}

/** Call `act` every `period` milliseconds until the returned function is called. */
export function metronome(act: () => void, period: number): () => void {
  // The page's own timer serves until the worker runs, and where workers are forbidden.
  let timer = setInterval(act, period) as unknown as number;
  let ticking: Worker | null = null;
  let ended = false;
  void openWorker(tickAll).then((worker) => {
    if (!worker) return;
    if (ended) return worker.terminate();
    ticking = worker;
    clearInterval(timer);
    worker.onmessage = act;
    worker.postMessage(period);
  });
  return () => {
    ended = true;
    clearInterval(timer);
    ticking?.terminate();
  };
}
