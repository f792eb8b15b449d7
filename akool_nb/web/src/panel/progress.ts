// How far a session has come: the documentation's states, then what the page has seen, then the end.
import { STEPS } from "../texts/session_panel.ts";

export interface Described {
  id: string;
  status: number;
  closed: boolean;
  joined: boolean;
  seen: boolean;
  expires_at: number;
}

export type StepName = keyof typeof STEPS;
export type Mark = "done" | "now" | "later" | "bad";

/** The steps in order, each with its mark. */
export function progress(session: Described): Array<readonly [StepName, Mark]> {
  const reached = [true, session.status >= 2 || session.joined, session.joined, session.seen];
  const last = reached.lastIndexOf(true);
  const over = session.closed || session.status >= 3;
  const names: StepName[] = ["queuing", "processing", "joined", "seen"];
  const way = names.map((name, index) => [name, markOf(index, last, over, reached)] as const);
  return [...way, end(session)];
}

function markOf(index: number, last: number, over: boolean, reached: boolean[]): Mark {
  if (index > last || !reached[index]) return "later";
  return index === last && !over ? "now" : "done";
}

function end(session: Described): readonly [StepName, Mark] {
  if (session.status === 4) return ["failed", "bad"];
  if (session.status === 3) return ["success", "done"];
  return ["closed", session.closed ? "done" : "later"];
}
