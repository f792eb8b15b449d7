// One view of a call, put together from its parts.
import { keepFocus } from "../../ui/dom.ts";
import { shell } from "../../ui/shell.ts";
import type { Model } from "../../ui/channel.ts";
import { text } from "../../texts/live_view.ts";
import type { Call } from "../call.ts";
import type { Capture } from "../capture.ts";
import { away } from "./away.ts";
import { facesRow } from "./faces_row.ts";
import { figuresPanel } from "./figures_panel.ts";
import { invitation } from "./invitation.ts";
import styles from "./live_view.css";
import { menus } from "./menus.ts";
import type { Scene } from "./part.ts";
import { permission } from "./permission.ts";
import { stage, stateWords } from "./stage.ts";
import { toolbar } from "./toolbar.ts";

/** Show the call inside `el`; the returned function ends the view. */
export function show(call: Call, capture: Capture, model: Model, el: HTMLElement): () => void {
  const frame = shell(model, el, text.name, styles);
  const scene: Scene = { call, capture, ...frame };
  const figures = figuresPanel(scene);
  const ways = invitation(scene);
  const beside = away(scene);
  const pictures = stage(scene, [ways, beside]);
  const bar = toolbar(scene, pictures, figures.element);
  const tick = permission(scene, () => ways.main);
  const parts = [pictures, tick, bar, facesRow(scene), menus(scene), figures];
  frame.body.append(...parts.map((part) => part.element));
  let spoken = "";
  const look = () => {
    keepFocus(
      frame.body,
      () => parts.forEach((part) => part.look()),
      () => (call.running || call.elsewhere ? bar : ways).main,
    );
    const words = stateWords(call);
    if (spoken !== words) frame.say(words);
    spoken = words;
  };
  // Start gives the keyboard to Stop, and Stop to Start: a key held a moment too long must press only one of them.
  frame.bag.listen(frame.body, "keydown", (event: KeyboardEvent) => {
    if (event.repeat && event.key === "Enter") event.preventDefault();
  });
  frame.bag.add(call.views.add(look));
  frame.channel.on("change:consent", look);
  frame.channel.on("change:session_id", look);
  frame.channel.on("change:elsewhere", look);
  frame.channel.on("change:error_code", look);
  look();
  return () => frame.bag.empty();
}
