// Prepared faces: a click changes the face while the picture goes on.
import { blob } from "../ui/channel.ts";
import { press, rove, focusOnly } from "../ui/controls.ts";
import { h, show } from "../ui/dom.ts";
import { text } from "../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";

export function facesRow({ channel, bag, say }: Scene): Part {
  const element = h("div", { class: "ak-row ak-live-faces", role: "group", "aria-label": text.faces, hidden: true });
  let buttons: HTMLButtonElement[] = [];
  const asked: number[] = [];
  const mark = (chosen: number) => buttons.forEach((one, index) => press(one, index === chosen));
  channel.hear("faces", ({ chosen }: { chosen: number }, pictures) => {
    buttons = pictures.map((picture, index) => {
      const src = URL.createObjectURL(blob(picture, "image/jpeg"));
      bag.add(() => URL.revokeObjectURL(src));
      const name = text.face(index + 1);
      return h("button", { type: "button", class: "ak-live-face", "aria-label": name, title: name, onclick: () => choose(index) }, h("img", { src, alt: "", width: 48, height: 48 }));
    });
    element.replaceChildren(...buttons);
    focusOnly(buttons, Math.max(0, chosen));
    mark(chosen);
    show(element, buttons.length > 0);
  });
  const choose = (index: number) => {
    say(text.changing);
    element.setAttribute("aria-busy", "true");
    asked.push(index);
    channel.post("choose_face", { index });
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
