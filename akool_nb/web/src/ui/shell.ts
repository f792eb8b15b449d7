// What surrounds every widget: styles, theme, the red line for what went wrong, a voice for screen readers.
import { shared } from "../texts/shared.ts";
import { Channel, type Model } from "./channel.ts";
import { Bag, h, show } from "./dom.ts";
import { keepOwnKeys } from "./keys.ts";
import { followTheme } from "./theme.ts";
import tokens from "./tokens.css";

/** A part of a view: an element, and a function that brings it up to date. */
export interface Part<Shown extends unknown[] = []> {
  element: HTMLElement;
  look(...shown: Shown): void;
}

export interface Shell {
  root: HTMLElement;
  body: HTMLElement;
  /** What went wrong, below the body; a widget may put it elsewhere. */
  error: HTMLElement;
  channel: Channel;
  bag: Bag;
  /** Say something to a screen reader, politely. */
  say(text: string): void;
  /** A failure of the page itself: it becomes the widget's `error` in Python too; "" clears it. */
  fail(text: string): void;
}

/** Build the frame of a view inside `el`. `name` is the widget's accessible name, `styles` its own css text. */
export function shell(model: Model, el: HTMLElement, name: string, styles = ""): Shell {
  const bag = new Bag();
  const channel = new Channel(model);
  const body = h("div", { class: "ak-body" });
  const error = h("p", { class: "ak-error", role: "alert" });
  const gone = h("p", { class: "ak-note ak-gone", role: "status", hidden: true }, shared.kernelGone);
  const voice = h("p", { class: "ak-voice", "aria-live": "polite" });
  // A group and no landmark: a page may hold several widgets of one kind, and landmarks need names of their own.
  const root = h(
    "div",
    { class: "akool", role: "group", "aria-label": name },
    h("style", {}, tokens + styles),
    gone,
    body,
    error,
    voice,
  );
  el.append(root);
  keepOwnKeys(root, bag);
  followTheme(root, bag);
  channel.follow("error", (text) => {
    error.textContent = text;
    show(error, Boolean(text));
  });
  channel.on("comm_live_update", () => {
    show(gone, true);
    // Nothing in it would do anything.
    body.inert = true;
  });
  bag.add(() => {
    channel.close();
    root.remove();
  });
  return {
    root,
    body,
    error,
    channel,
    bag,
    say: (text) => (voice.textContent = text),
    fail: (text) => channel.set("error", text),
  };
}
