// How the picture is shown: mirrored, full screen, small, or in a window of its own.
import { button, press } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { text } from "../../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";
import { type PopOut, popOut } from "./popout.ts";
import type { Stage } from "./stage.ts";

/** How long (ms) the other windows wait for the next call: another session stops the call for a moment only. */
const WINDOW_PATIENCE = 1000;

export function watching(scene: Scene, stage: Stage): Part {
  const { call, channel } = scene;
  const flip = () => channel.set("mirror", !channel.model.get("mirror"));
  const mirror = button(text.mirror, flip, { icon: icons.mirror, look: "quiet" });
  channel.follow("mirror", (on: boolean) => press(mirror, on));
  const fill = () => void fullScreen(stage.element).catch(() => undefined);
  const full = button(text.fullScreen, fill, { icon: icons.fit, look: "quiet" });
  const shrink = () => void stage.remote.requestPictureInPicture().catch(() => undefined);
  const small = button(text.pictureInPicture, shrink, { icon: icons.pictureInPicture, look: "quiet" });
  const grow = () => {
    if (!call.running && isSmall(stage.remote)) void document.exitPictureInPicture();
  };
  const clean = cleanWindow(scene);
  const look = () => {
    const seen = call.remote !== null;
    if (!call.running && isSmall(stage.remote)) setTimeout(grow, WINDOW_PATIENCE);
    clean.look();
    show(mirror, call.local !== null);
    show(full, seen && document.fullscreenEnabled);
    show(small, seen && document.pictureInPictureEnabled);
    show(clean.element, seen);
  };
  return { element: h("span", { class: "ak-row" }, mirror, full, small, clean.element), look };
}

function cleanWindow({ call, bag }: Scene): Part {
  let window: PopOut | null = null;
  const close = () => {
    window?.close();
    window = null;
  };
  bag.add(close);
  const open = () => {
    close();
    window = popOut(text.name);
    if (!window) call.report.fail(text.popOutBlocked);
    look();
  };
  const closeUnlessRunning = () => {
    if (!call.running) close();
  };
  const element = button(text.popOut, open, { icon: icons.popOut, look: "quiet" });
  const look = () => {
    window?.look(call.remote);
    if (window && !call.running) setTimeout(closeUnlessRunning, WINDOW_PATIENCE);
  };
  return { element, look };
}

function isSmall(video: HTMLVideoElement): boolean {
  return (video.getRootNode() as Document | ShadowRoot).pictureInPictureElement === video;
}

function fullScreen(element: HTMLElement): Promise<void> {
  return document.fullscreenElement ? document.exitFullscreen() : element.requestFullscreen();
}
