// The running calls of this page by session: of two widgets with one session, the one started last has the call.
import type { Call } from "./call.ts";

const KEY = Symbol.for("akool_nb.calls");
const page = globalThis as { [KEY]?: Map<string, Call> };

/** Each widget's script has its own copy of this module, so the map is kept on the page. */
export function runningCalls(): Map<string, Call> {
  page[KEY] ??= new Map();
  return page[KEY];
}
