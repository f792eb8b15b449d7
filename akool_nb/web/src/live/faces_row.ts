// Prepared faces: a click changes the face while the picture goes on.
import { blob } from "../ui/channel.ts";
import { press, rove, focusOnly } from "../ui/controls.ts";
import { h, hasFocus, show } from "../ui/dom.ts";
import { text } from "../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";

export function facesRow({ channel, bag, say }: Scene): Part {
  const element = h("div", { class: "ak-row ak-live-faces", role: "group", "aria-label": text.faces, hidden: true });
  let buttons: HTMLButtonElement[] = [];
  let turn: number | undefined;
  let addresses: string[] = [];
  const asked: number[] = [];
  const forget = () => addresses.splice(0).forEach((address) => URL.revokeObjectURL(address));
  bag.add(forget);
  const mark = (chosen: number) => buttons.forEach((one, index) => press(one, index === chosen));
  channel.hear("faces", (told: { chosen: number; turn?: number }, pictures) => {
    const { chosen } = told;
    const place = buttons.findIndex(hasFocus);
    forget();
    turn = told.turn;
    addresses = pictures.map((picture) => URL.createObjectURL(blob(picture, "image/jpeg")));
    buttons = addresses.map((src, index) => {
      const name = text.face(index + 1);
      return h("button", { type: "button", class: "ak-live-face", "aria-label": name, title: name, onclick: () => choose(index) }, h("img", { src, alt: "", width: 48, height: 48 }));
    });
    element.replaceChildren(...buttons);
    focusOnly(buttons, place < 0 ? Math.max(0, chosen) : Math.min(place, buttons.length - 1));
    mark(chosen);
    show(element, buttons.length > 0);
    // The keyboard stays where it was, though the faces there are others.
    if (place >= 0) buttons[Math.min(place, buttons.length - 1)]?.focus();
  });
  const choose = (index: number) => {
    say(text.changing);
    element.setAttribute("aria-busy", "true");
    asked.push(index);
    // A click on a row that is no longer there must not choose from the one that came instead.
    channel.post("choose_face", { index, turn });
  };
  channel.hear("face_chosen", ({ index }: { index: number }) => {
    mark(index);
    // Another view of the widget may have asked; it has the word then.
    if (!asked.length) return;
    say(asked.includes(index) ? text.changed : text.notChanged);
    asked.splice(Math.max(0, asked.indexOf(index)), 1);
    if (!asked.length) element.removeAttribute("aria-busy");
  });
  rove(element, () => buttons);
  channel.post("faces");
  return { element, look: () => undefined };
}
