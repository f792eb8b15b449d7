// The pictures: the swapped one large, one's own small in the corner; before the call one's own is the large one.
import { h, show } from "../../ui/dom.ts";
import { minutes } from "../../ui/time.ts";
import { STATES, text } from "../../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";
import { DRAWN } from "../transports/transport.ts";

export interface Stage extends Part {
  /** The swapped picture's element. */
  readonly remote: HTMLVideoElement;
}

/** `invitation` is what stands on the empty stage. */
export function stage({ call, channel, bag }: Scene, invitation: Part): Stage {
  const remote = picture("ak-live-remote", text.swappedPicture);
  const local = picture("ak-live-local", text.own);
  const pill = h("span", { class: "ak-live-pill ak-live-state" });
  const light = h("span", { class: "ak-live-pill ak-live-light" }, text.cameraIsOn);
  const clock = h("span", { class: "ak-live-pill ak-live-clock" });
  const mark = h("span", { class: "ak-live-pill ak-live-mark" }, text.swapped);
  const top = h(
    "div",
    { class: "ak-live-overlay" },
    h("span", { class: "ak-row" }, pill, light),
    h("span", { class: "ak-row" }, clock, mark),
  );
  const away = h("p", { class: "ak-live-invitation" }, text.away);
  const element = h("div", { class: "ak-live-stage" }, remote, local, top, invitation.element, away);
  const look = () => {
    invitation.look();
    show(away, call.elsewhere);
    element.dataset["state"] = call.state;
    attach(remote, call.remote);
    attach(local, call.local);
    show(remote, call.remote !== null);
    show(local, call.local !== null);
    show(mark, call.remote !== null);
    show(light, call.local !== null && call.choice.camera !== DRAWN);
    pill.textContent = call.elsewhere ? text.elsewhere : STATES[call.state];
    const left = secondsLeft(channel.model.get("expires_at"));
    show(clock, call.running && left !== null);
    clock.textContent = text.left(minutes(left ?? 0));
    clock.classList.toggle("ak-live-soon", left !== null && left < 60);
  };
  channel.follow("mirror", (on: boolean) => element.classList.toggle("ak-live-mirrored", on));
  const timer = setInterval(look, 1000);
  bag.add(() => clearInterval(timer));
  bag.add(() => [remote, local].forEach((video) => (video.srcObject = null)));
  return { element, remote, look };
}

function picture(name: string, label: string): HTMLVideoElement {
  const video = h("video", { class: name, playsinline: true, autoplay: true, "aria-label": label });
  // The property, not the attribute, is what lets a video start without a click.
  video.muted = true;
  return video;
}

function attach(video: HTMLVideoElement, stream: MediaStream | null): void {
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  if (stream) video.play().catch(() => undefined);
}

function secondsLeft(expires: number): number | null {
  return expires > 0 ? Math.max(0, expires - Date.now() / 1000) : null;
}
