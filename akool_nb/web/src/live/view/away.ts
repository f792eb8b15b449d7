// What is on the stage while another page runs the call.
import { button } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import { text } from "../../texts/live_view.ts";
import type { MainPart, Scene } from "./part.ts";

export function away({ call, channel }: Scene): MainPart {
  const line = h("p", {});
  const take = button(text.takeOver, () => void call.takeOver());
  const element = h("div", { class: "ak-live-invitation" }, line, take);
  const look = () => {
    const ownPage: boolean = channel.model.get("elsewhere");
    show(element, call.elsewhere);
    show(take, !ownPage);
    line.textContent = ownPage ? text.onOwnPage : text.inOtherTab;
  };
  return { element, look, main: take };
}
