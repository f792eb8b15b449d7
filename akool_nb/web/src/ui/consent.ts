// The tick "I may use this face": once per Python process, before the first own photo or camera shot of any widget.
import { shared } from "../texts/shared.ts";
import { Bag, h, hasFocus, show } from "./dom.ts";
import type { Channel } from "./channel.ts";

export interface Consent {
  element: HTMLElement;
  /** Do it now if the tick is set; else ask, and do it right after the tick. */
  ask(action: () => void): void;
}

/** `home` gets the focus of the ticked box, which hides, where nothing in the widget had it before. */
export function consent(
  channel: Channel,
  bag: Bag,
  say: (text: string) => void,
  home: () => HTMLElement | null = () => null,
): Consent {
  let waiting: (() => void) | null = null;
  let before: HTMLElement | null = null;
  const box = h("input", { type: "checkbox" });
  const element = h("label", { class: "ak-consent" }, box, h("span", {}, shared.consent));
  // The action runs right after the tick's own event: a file chooser or camera needs the user's gesture.
  const goOn = () => {
    const action = waiting;
    waiting = null;
    action?.();
  };
  bag.listen(box, "change", () => channel.set("consent", box.checked));
  channel.follow("consent", (given: boolean) => {
    box.checked = given;
    element.classList.remove("ak-asking");
    if (given && hasFocus(element)) (before ?? home())?.focus();
    show(element, !given);
    // The tick may have been made in another view, too. A moment later: Python must hear of the tick before the action.
    if (given) queueMicrotask(goOn);
  });
  const ask = (action: () => void) => {
    if (channel.model.get("consent")) return action();
    waiting = action;
    before = focusedIn(element.closest(".akool"));
    element.classList.add("ak-asking");
    say(shared.consentFirst);
    box.focus();
  };
  return { element, ask };
}

const focusedIn = (root: Element | null): HTMLElement | null =>
  root && hasFocus(root) ? ((root.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement) : null;
