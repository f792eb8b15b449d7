// What stands on the stage before the call: one large button, and the two other ways in.
import { consent } from "../../ui/consent.ts";
import { button, enable } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { text } from "../../texts/live_view.ts";
import { explain } from "../errors.ts";
import { obstacle } from "../transports/media.ts";
import type { MainPart, Scene } from "./part.ts";
import { DRAWN } from "../transports/transport.ts";

export function invitation({ call, channel, bag, say }: Scene): MainPart {
  const permission = consent(channel, bag, say, () => start);
  const withCamera = (act: () => void) => (call.choice.camera === DRAWN ? act() : permission.ask(act));
  const start = button(text.start, () => withCamera(() => void call.start()), { icon: icons.play, look: "main" });
  const preview = button(text.preview, () => withCamera(() => void call.preview()));
  const drawn = button(text.drawn, () => void call.choose({ camera: DRAWN }).then(() => call.start()), {
    look: "quiet",
  });
  const page = button(text.openPage, () => channel.post("open_page"));
  const link = h("a", { class: "ak-live-link", target: "_blank", rel: "noopener", hidden: true }, text.pageReady);
  const line = h("p", {}, text.intro);
  const element = h(
    "div",
    { class: "ak-live-invitation" },
    line,
    permission.element,
    h("div", { class: "ak-row ak-live-middle" }, start, preview, page),
    drawn,
    link,
  );
  channel.hear("page", ({ url }: { url: string }) => {
    link.href = url;
    show(link, true);
    window.open(url, "_blank", "noopener");
  });
  const blocked = obstacle();
  const look = () => {
    const session = channel.model.get("session_id") !== "";
    const isDrawn = call.choice.camera === DRAWN;
    show(element, !call.running && !call.elsewhere);
    element.classList.toggle("ak-live-low", call.state === "preview");
    enable(start, session && (blocked === null || isDrawn));
    enable(drawn, session);
    show(preview, call.state !== "preview" && !blocked && !isDrawn);
    show(drawn, !isDrawn);
    show(page, blocked !== null);
    show(permission.element, !isDrawn && !blocked && !channel.model.get("consent"));
    line.textContent = !session
      ? text.noSession
      : isDrawn
        ? text.drawnIntro
        : blocked
          ? explain(blocked).message
          : text.intro;
    show(line, call.state !== "preview");
  };
  return { element, look, main: start };
}
