// A part of the live view: an element that looks at the call whenever the call changes.
import type { Bag } from "../../ui/dom.ts";
import type { Channel } from "../../ui/channel.ts";
import type { Call } from "../call.ts";
import type { Capture } from "../capture.ts";

export interface Part {
  element: HTMLElement;
  look(): void;
}

/** A part with a button that the keyboard goes on from when another one has vanished. */
export interface MainPart extends Part {
  main: HTMLButtonElement;
}

/** What every part works with. */
export interface Scene {
  call: Call;
  capture: Capture;
  channel: Channel;
  bag: Bag;
  say(text: string): void;
}
