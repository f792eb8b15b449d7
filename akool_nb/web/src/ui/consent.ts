// The tick "I may use this face": once per Python process, before the first own photo or camera shot of any widget.
import { shared } from "../texts/shared.ts";
import { Bag, h, hasFocus, show } from "./dom.ts";
import type { Channel } from "./channel.ts";

/** How long (ms) a tick carries out what was asked for before; later it is only a tick. */
const PATIENCE = 30_000;
/** What waits for the tick, by widget: a widget can have several views, and each shows the box. */
const asked = new Map<string, () => void>();

export interface Consent {
  element: HTMLElement;
  readonly asking: boolean;
  /** Do it now if the tick is set; else ask for the tick, and do it if this box is ticked soon. */
  ask(action: () => void): void;
}

/** `home` gets the focus of the ticked box, which hides, where nothing in the widget had it before. */
export function consent(
  channel: Channel,
  bag: Bag,
  say: (text: string) => void,
  home: () => HTMLElement | null = () => null,
): Consent {
  const widget: string = channel.model.get("_key");
  let waiting: (() => void) | null = null;
  let limit = 0;
  let before: HTMLElement | null = null;
  const box = h("input", { type: "checkbox" });
  const element = h("label", { class: "ak-consent" }, box, h("span", {}, shared.consent));
  const forget = () => {
    if (asked.get(widget) === waiting) asked.delete(widget);
    waiting = null;
    clearTimeout(limit);
    element.classList.remove("ak-asking");
  };
  bag.add(forget);
  // Only the tick that was asked for acts: one in another widget, or of another page, opens no camera here.
  bag.listen(box, "change", () => {
    const action = box.checked ? asked.get(widget) : undefined;
    channel.set("consent", box.checked);
    // Still within the user's gesture, which a file chooser needs, and after Python was sent the tick.
    if (action) queueMicrotask(action);
  });
  bag.listen(element, "keydown", (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !waiting) return;
    forget();
    before?.focus();
  });
  channel.follow("consent", (given: boolean) => {
    forget();
    box.checked = given;
    if (given && hasFocus(element)) (before ?? home())?.focus();
    show(element, !given);
  });
  const ask = (action: () => void) => {
    if (channel.model.get("consent")) return action();
    forget();
    waiting = action;
    asked.set(widget, action);
    limit = setTimeout(forget, PATIENCE) as unknown as number;
    before = focusedIn(element.closest(".akool"));
    element.classList.add("ak-asking");
    show(element, true);
    say(shared.consentFirst);
    box.focus();
  };
  return {
    element,
    ask,
    get asking() {
      return waiting !== null;
    },
  };
}

function focusedIn(root: Element | null): HTMLElement | null {
  if (!root || !hasFocus(root)) return null;
  return (root.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement;
}
