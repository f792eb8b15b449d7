// The tick "I may use this face": once per Python process, before the first own photo or camera shot of any widget.
import { shared } from "../texts/shared.ts";
import { Bag, h, show } from "./dom.ts";
import type { Channel } from "./channel.ts";

export interface Consent {
  element: HTMLElement;
  /** Do it now if the tick is set; else ask, and do it right after the tick. */
  ask(action: () => void): void;
}

export function consent(channel: Channel, bag: Bag, say: (text: string) => void): Consent {
  let waiting: (() => void) | null = null;
  const box = h("input", { type: "checkbox" });
  const element = h("label", { class: "ak-consent" }, box, h("span", {}, shared.consent));
  // The action runs inside the tick's own event: a file chooser or camera needs the user's gesture.
  bag.listen(box, "change", () => {
    channel.set("consent", box.checked);
    if (box.checked) waiting?.();
    waiting = null;
  });
  channel.follow("consent", (given: boolean) => {
    box.checked = given;
    element.classList.remove("ak-asking");
    show(element, !given);
  });
  const ask = (action: () => void) => {
    if (channel.model.get("consent")) return action();
    waiting = action;
    element.classList.add("ak-asking");
    say(shared.consentFirst);
    box.focus();
  };
  return { element, ask };
}
