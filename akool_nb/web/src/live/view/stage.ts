// The two pictures: the swapped one is large and your own is small; before the call, your own is large.
import { h, show } from "../../ui/dom.ts";
import { minutes } from "../../ui/time.ts";
import { STATES, text } from "../../texts/live_view.ts";
import type { Call } from "../call.ts";
import { DRAWN } from "../transports/transport.ts";
import type { Part, Scene } from "./part.ts";
import { TimeLeft } from "./time_left.ts";

export interface Stage extends Part {
  readonly remote: HTMLVideoElement;
}

/** `parts` are shown on the stage while there is no picture. */
export function stage(scene: Scene, parts: Part[]): Stage {
  const { call, channel, bag } = scene;
  const remote = picture("ak-live-remote", text.swappedPicture);
  const local = picture("ak-live-local", text.own);
  const hidden = h("p", { class: "ak-live-pill ak-live-hidden" }, text.ownHidden);
  const pills = overlay(scene);
  const shown = [remote, local, hidden, pills.element, ...parts.map((part) => part.element)];
  const element = h("div", { class: "ak-live-stage" }, ...shown);
  const look = () => {
    for (const part of [...parts, pills]) part.look();
    element.dataset["state"] = call.state;
    attach(remote, call.remote?.stream ?? null);
    attach(local, call.local);
    show(remote, call.remote !== null);
    show(local, call.local !== null && !call.muted.video);
    show(hidden, call.local !== null && call.muted.video);
  };
  // The swapped picture is mirrored in its pixels, so that its mark stays readable.
  channel.follow("mirror", (on: boolean) => local.classList.toggle("ak-live-mirrored", on));
  const timer = setInterval(look, 1000);
  bag.add(() => clearInterval(timer));
  bag.add(() => {
    remote.srcObject = null;
    local.srcObject = null;
  });
  return { element, remote, look };
}

function overlay({ call, channel }: Scene): Part {
  const state = h("span", { class: "ak-live-pill ak-live-state" });
  const light = h("span", { class: "ak-live-pill ak-live-light" });
  const clock = h("span", { class: "ak-live-pill ak-live-clock" });
  const element = h("div", { class: "ak-live-overlay" }, h("span", { class: "ak-row" }, state, light), clock);
  const time = new TimeLeft(channel);
  const look = () => {
    const left = time.seconds;
    state.textContent = stateWords(call);
    light.textContent = call.muted.video ? text.cameraIsOnHidden : text.cameraIsOn;
    show(light, call.local !== null && call.choice.camera !== DRAWN);
    show(clock, call.running && left !== null);
    clock.textContent = text.left(minutes(left ?? 0));
    clock.classList.toggle("ak-live-soon", left !== null && left < 60);
  };
  return { element, look };
}

/** "Ready" only where Start works. */
export function stateWords(call: Call): string {
  if (call.elsewhere) return text.elsewhere;
  if (call.running || call.state === "preview" || call.traits.ready) return STATES[call.state];
  return call.traits.hasSession ? text.sessionClosed : text.noSessionShort;
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
