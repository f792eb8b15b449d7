// What is on the stage before the call: one large button, and the other ways to start.
import { button, enable } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { text } from "../../texts/live_view.ts";
import type { Call } from "../call.ts";
import { explain } from "../errors.ts";
import { isLoopback } from "../transports/links.ts";
import { obstacle } from "../transports/media.ts";
import { DRAWN } from "../transports/transport.ts";
import type { MainPart, Scene } from "./part.ts";

export function invitation({ call, channel }: Scene): MainPart {
  const start = button(text.start, () => void call.start(), { icon: icons.play, look: "main" });
  const preview = button(text.preview, () => void call.preview());
  const moving = () => void call.choose({ camera: DRAWN }).then(() => call.start());
  const drawn = button(text.drawn, moving, { look: "quiet" });
  const page = button(text.openPage, () => channel.post("open_page"));
  const link = h("a", { class: "ak-live-link", target: "_blank", rel: "noopener", hidden: true }, text.pageReady);
  const line = h("p", {});
  const ways = h("div", { class: "ak-row ak-live-middle" }, start, preview, page);
  const element = h("div", { class: "ak-live-invitation" }, line, ways, drawn, link);
  channel.hear("page", ({ url }: { url: string }) => {
    link.href = url;
    show(link, true);
    window.open(url, "_blank", "noopener");
  });
  const blocked = obstacle();
  const look = () => {
    const session = call.traits.ready;
    const isDrawn = call.choice.camera === DRAWN;
    const isPreview = call.state === "preview";
    show(element, !call.running && !call.elsewhere);
    element.classList.toggle("ak-live-low", isPreview);
    enable(start, session && (blocked === null || isDrawn));
    enable(drawn, session);
    show(preview, !isPreview && !blocked && !isDrawn);
    show(drawn, !isDrawn);
    show(page, blocked !== null && opensHere());
    line.textContent = words(call, blocked);
    show(line, !isPreview);
  };
  return { element, look, main: start };
}

function words(call: Call, blocked: string | null): string {
  if (!call.traits.ready) return call.traits.hasSession ? text.closedIntro : text.noSession;
  if (call.choice.camera === DRAWN) return text.drawnIntro;
  if (blocked === null) return text.intro;
  return opensHere() ? `${explain(blocked).message} ${text.ownPage}` : explain(blocked).message;
}

/** The page of `open_page()` is on the kernel's 127.0.0.1: the browser reaches it only on the same machine. */
function opensHere(): boolean {
  return isLoopback(location.hostname) || location.protocol === "vscode-webview:";
}
