// Prepared faces: a click changes the face while the picture continues.
import { blob } from "../../ui/channel.ts";
import { focusOnly, press, rove } from "../../ui/controls.ts";
import { type Bag, h, hasFocus, show } from "../../ui/dom.ts";
import { text } from "../../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";

export function facesRow({ channel, bag, say }: Scene): Part {
  const element = h("div", { class: "ak-row ak-live-faces", role: "group", "aria-label": text.faces, hidden: true });
  let turn: number | undefined;
  const requests = requestsOf(element, say);
  const row = pictures(element, bag, (index) => {
    requests.add(index);
    // With the row's number: a click on a row that was replaced must not choose from the new one.
    channel.post("choose_face", { index, turn });
  });
  channel.hear("faces", (message: { chosen: number; turn?: number }, jpegs) => {
    turn = message.turn;
    row.fill(jpegs, message.chosen);
  });
  channel.hear("face_chosen", ({ index }: { index: number }) => {
    row.mark(index);
    requests.answer(index);
  });
  channel.post("faces");
  return { element, look: () => undefined };
}

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
    // Python sends nothing for a face whose photo it cannot fetch.
    addresses = jpegs.map((jpeg) => (jpeg.byteLength ? URL.createObjectURL(blob(jpeg, "image/jpeg")) : ""));
    buttons = addresses.map((src, index) => faceButton(src, index, () => choose(index)));
    row.replaceChildren(...buttons);
    show(row, buttons.length > 0);
    const near = Math.min(place, buttons.length - 1);
    focusOnly(buttons, place < 0 ? Math.max(0, chosen) : near);
    mark(chosen);
    // The keyboard stays at its place, though another face is there now.
    buttons[near]?.focus();
  };
  return { fill, mark };
}

function faceButton(src: string, index: number, onclick: () => void): HTMLButtonElement {
  const name = text.face(index + 1);
  const number = h("span", { class: "ak-live-number" }, String(index + 1));
  const picture = src ? h("img", { src, alt: "", width: 48, height: 48 }) : number;
  return h("button", { type: "button", class: "ak-live-face", "aria-label": name, title: name, onclick }, picture);
}

/** The faces that Python was asked for and that it has not answered yet. */
function requestsOf(row: HTMLElement, say: (text: string) => void) {
  const pending: number[] = [];
  const add = (index: number) => {
    say(text.changing);
    row.setAttribute("aria-busy", "true");
    pending.push(index);
  };
  const answer = (index: number) => {
    // Without a request of this view, another one has asked, and says so.
    if (pending.length === 0) return;
    const place = pending.indexOf(index);
    say(place >= 0 ? text.changed : text.notChanged);
    pending.splice(Math.max(0, place), 1);
    if (pending.length === 0) row.removeAttribute("aria-busy");
  };
  return { add, answer };
}
