// One view of a call, put together from its parts.
import { keepFocus } from "../../ui/dom.ts";
import { shell } from "../../ui/shell.ts";
import type { Model } from "../../ui/channel.ts";
import { STATES, text } from "../../texts/live_view.ts";
import type { Call } from "../call.ts";
import { facesRow } from "./faces_row.ts";
import { figuresPanel } from "./figures_panel.ts";
import { invitation } from "./invitation.ts";
import styles from "./live_view.css";
import { menus } from "./menus.ts";
import type { Scene } from "./part.ts";
import { stage } from "./stage.ts";
import { toolbar } from "./toolbar.ts";

/** Show the call inside `el`; the returned function ends the view. */
export function show(call: Call, model: Model, el: HTMLElement): () => void {
  const frame = shell(model, el, text.name, styles);
  const scene: Scene = { call, channel: frame.channel, bag: frame.bag, say: frame.say, fail: frame.fail };
  const figures = figuresPanel(scene);
  const ways = invitation(scene);
  const pictures = stage(scene, ways);
  const bar = toolbar(scene, pictures, figures.element);
  const parts = [pictures, bar, facesRow(scene), menus(scene), figures];
  frame.body.append(...parts.map((part) => part.element));
  let spoken = "";
  const look = () => {
    keepFocus(
      frame.body,
      () => parts.forEach((part) => part.look()),
      () => (call.running || call.elsewhere ? bar : ways).main,
    );
    const words = call.elsewhere ? text.elsewhere : STATES[call.state];
    if (spoken !== words) frame.say(words);
    spoken = words;
  };
  // Start gives the keyboard to Stop, and Stop to Start: a key held a moment too long must press only one of them.
  frame.bag.listen(
    frame.body,
    "keydown",
    (event: KeyboardEvent) => event.repeat && event.key === "Enter" && event.preventDefault(),
  );
  frame.bag.add(call.watch(look));
  frame.channel.on("change:consent", look);
  frame.channel.on("change:session_id", look);
  frame.channel.on("change:elsewhere", look);
  look();
  return () => frame.bag.empty();
}
