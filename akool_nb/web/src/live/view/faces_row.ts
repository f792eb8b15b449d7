// Prepared faces: a click changes the face while the picture goes on.
import { blob } from "../../ui/channel.ts";
import { press, rove, focusOnly } from "../../ui/controls.ts";
import { type Bag, h, hasFocus, show } from "../../ui/dom.ts";
import { text } from "../../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";

export function facesRow({ channel, bag, say }: Scene): Part {
  const element = h("div", { class: "ak-row ak-live-faces", role: "group", "aria-label": text.faces, hidden: true });
  let turn: number | undefined;
  const asked = questions(element, say);
  const row = pictures(element, bag, (index) => {
    asked.add(index);
    // A click on a row that is no longer there must not choose from the one that came instead.
    channel.post("choose_face", { index, turn });
  });
  channel.hear("faces", (told: { chosen: number; turn?: number }, jpegs) => {
    turn = told.turn;
    row.fill(jpegs, told.chosen);
  });
  channel.hear("face_chosen", ({ index }: { index: number }) => {
    row.mark(index);
    asked.answer(index);
  });
  channel.post("faces");
  return { element, look: () => undefined };
}

/** The faces as buttons in the row. */
function pictures(row: HTMLElement, bag: Bag, choose: (index: number) => void) {
  let buttons: HTMLButtonElement[] = [];
  let addresses: string[] = [];
  const forget = () => addresses.splice(0).forEach((address) => URL.revokeObjectURL(address));
  bag.add(forget);
  rove(row, () => buttons);
  const mark = (chosen: number) => buttons.forEach((one, index) => press(one, index === chosen));
  const fill = (jpegs: DataView[], chosen: number) => {
    const place = buttons.findIndex(hasFocus);
    forget();
    addresses = jpegs.map((jpeg) => URL.createObjectURL(blob(jpeg, "image/jpeg")));
    buttons = addresses.map((src, index) => picture(src, text.face(index + 1), () => choose(index)));
    row.replaceChildren(...buttons);
    show(row, buttons.length > 0);
    const near = Math.min(place, buttons.length - 1);
    focusOnly(buttons, place < 0 ? Math.max(0, chosen) : near);
    mark(chosen);
    // The keyboard stays where it was, though the faces there are others.
    buttons[near]?.focus();
  };
  return { fill, mark };
}

function picture(src: string, name: string, onclick: () => void): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: "ak-live-face", "aria-label": name, title: name, onclick },
    h("img", { src, alt: "", width: 48, height: 48 }),
  );
}

/** What was asked of Python and not answered yet. */
function questions(row: HTMLElement, say: (text: string) => void) {
  const asked: number[] = [];
  const add = (index: number) => {
    say(text.changing);
    row.setAttribute("aria-busy", "true");
    asked.push(index);
  };
  const answer = (index: number) => {
    // Another view of the widget may have asked; it has the word then.
    if (!asked.length) return;
    say(asked.includes(index) ? text.changed : text.notChanged);
    asked.splice(Math.max(0, asked.indexOf(index)), 1);
    if (!asked.length) row.removeAttribute("aria-busy");
  };
  return { add, answer };
}
