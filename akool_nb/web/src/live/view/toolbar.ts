// The buttons under the picture: Stop, Snapshot, Record, and the rest behind "More".
import { button, press } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { text } from "../../texts/live_view.ts";
import { keeping } from "./keeping.ts";
import type { MainPart, Scene } from "./part.ts";
import { heldSound, sending } from "./sending.ts";
import type { Stage } from "./stage.ts";
import { watching } from "./watching.ts";

export function toolbar(scene: Scene, stage: Stage, statistics: HTMLElement): MainPart {
  const { call, channel } = scene;
  const halt = () => {
    // A call of another page is stopped by way of Python.
    if (call.elsewhere) channel.post("stop");
    else void call.stop();
  };
  const stop = button(text.stop, halt, { icon: icons.stop, look: "main" });
  stop.classList.add("ak-live-stop");
  const kept = keeping(scene);
  const held = heldSound(scene);
  const figures = toggle(statistics, text.statistics, icons.statistics);
  const parts = [sending(scene), watching(scene, stage)];
  const rest = h("div", { class: "ak-row ak-live-rest", hidden: true }, ...parts.map((part) => part.element), figures);
  const more = toggle(rest, text.more, icons.more);
  more.setAttribute("aria-expanded", "false");
  more.addEventListener("click", () => more.setAttribute("aria-expanded", String(!rest.hidden)));
  const first = h("div", { class: "ak-row ak-live-toolbar" }, stop, kept.element, held.element, more);
  const element = h("div", { class: "ak-live-tools", role: "group", "aria-label": text.controls }, first, rest);
  const look = () => {
    show(stop, call.running || call.elsewhere || call.state === "preview");
    for (const part of [kept, held, ...parts]) part.look();
  };
  return { element, look, main: stop };
}

function toggle(target: HTMLElement, name: string, icon: string): HTMLButtonElement {
  const made = button(
    name,
    () => {
      show(target, target.hidden);
      press(made, !target.hidden);
    },
    { icon, look: "quiet" },
  );
  press(made, false);
  return made;
}
