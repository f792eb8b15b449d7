// One view of a call, put together from its parts.
import { shell } from "../ui/shell.ts";
import type { Model } from "../ui/channel.ts";
import { STATES, text } from "../texts/live_view.ts";
import type { Call } from "./call.ts";
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
  const pictures = stage(scene, invitation(scene));
  const parts = [pictures, toolbar(scene, pictures, figures.element), facesRow(scene), menus(scene), figures];
  frame.body.append(...parts.map((part) => part.element));
  let spoken = "";
  const look = () => {
    for (const part of parts) part.look();
    const words = call.elsewhere ? text.elsewhere : STATES[call.state];
    if (spoken !== words) frame.say(words);
    spoken = words;
  };
  frame.bag.add(call.watch(look));
  frame.channel.on("change:consent", look);
  frame.channel.on("change:session_id", look);
  frame.channel.on("change:elsewhere", look);
  look();
  return () => frame.bag.empty();
}
