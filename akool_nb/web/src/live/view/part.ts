// The parts of the live view: each looks at the call whenever the call changes.
import type { Part, Shell } from "../../ui/shell.ts";
import type { Call } from "../call.ts";
import type { Capture } from "../capture.ts";

export type { Part };

/** A part with a button that the keyboard goes on from when another one has vanished. */
export interface MainPart extends Part {
  main: HTMLButtonElement;
}

/** What every part works with. */
export interface Scene extends Pick<Shell, "channel" | "bag" | "say"> {
  call: Call;
  capture: Capture;
}
