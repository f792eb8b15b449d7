// The buttons under the picture; each is there only while it makes sense.
import { button, press } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { minutes } from "../../ui/time.ts";
import { text } from "../../texts/live_view.ts";
import type { MainPart, Part, Scene } from "./part.ts";
import { type PopOut, popOut } from "./popout.ts";
import { Recorder } from "./recorder.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import { SILENT } from "../transports/transport.ts";

const WINDOW_PATIENCE = 1000;

export function toolbar(scene: Scene, stage: Stage, statistics: HTMLElement): MainPart {
  const { call } = scene;
  const parts = [sending(scene), watching(scene, stage), keeping(scene, stage)];
  const stop = button(text.stop, () => (call.elsewhere ? scene.channel.post("stop") : void call.hangUp()), {
    icon: icons.stop,
    look: "main",
  });
  stop.classList.add("ak-live-stop");
  const figures = tool(icons.statistics, text.statistics, () => {
    show(statistics, statistics.hidden);
    press(figures, !statistics.hidden);
  });
  press(figures, false);
  const element = h(
    "div",
    { class: "ak-row ak-live-toolbar", role: "group", "aria-label": text.name },
    stop,
    ...parts.map((part) => part.element),
    h("span", { class: "ak-grow" }),
    figures,
  );
  const look = () => {
    show(stop, call.running || call.elsewhere || call.state === "preview");
    for (const part of parts) part.look();
  };
  return { element, look, main: stop };
}

function tool(icon: string, words: string, act: () => void): HTMLButtonElement {
  return button(words, act, { icon, look: "quiet", iconOnly: true });
}

/** What the button would do now has other words, and another icon. */
function rename(made: HTMLButtonElement, icon: string, words: string): void {
  made.title = words;
  made.setAttribute("aria-label", words);
  made.querySelector("path")?.setAttribute("d", icon);
}

/** What goes out: picture and sound. */
function sending({ call, say }: Scene): Part {
  const camera = tool(icons.video, text.cameraOff, () => void call.mute("video", !call.muted.video));
  const microphone = tool(icons.microphone, text.mute, () => void call.mute("audio", !call.muted.audio));
  const sound = tool(icons.sound, text.listen, () => call.listen(!call.audible));
  const held = button(text.playSound, () => call.listen(true), { look: "main" });
  held.title = text.soundHeld;
  const look = () => {
    if (call.soundHeld && held.hidden) say(text.soundHeld);
    show(held, call.running && call.soundHeld, sound);
    show(camera, call.running);
    rename(camera, call.muted.video ? icons.videoOff : icons.video, call.muted.video ? text.cameraOn : text.cameraOff);
    show(microphone, call.running && call.carriesSound && call.choice.microphone !== SILENT);
    rename(
      microphone,
      call.muted.audio ? icons.microphoneOff : icons.microphone,
      call.muted.audio ? text.unmute : text.mute,
    );
    show(sound, call.running && call.carriesSound);
    press(sound, call.audible);
  };
  return { element: h("span", { class: "ak-row" }, camera, microphone, sound, held), look };
}

/** How it is looked at. */
function watching({ call, channel, bag, fail }: Scene, stage: Stage): Part {
  const mirror = tool(icons.mirror, text.mirror, () => channel.set("mirror", !channel.model.get("mirror")));
  channel.follow("mirror", (on: boolean) => press(mirror, on));
  channel.on("change:mirror", () => look());
  const full = tool(
    icons.fit,
    text.fullScreen,
    () =>
      void (document.fullscreenElement ? document.exitFullscreen() : stage.element.requestFullscreen()).catch(
        () => undefined,
      ),
  );
  const small = tool(
    icons.pictureInPicture,
    text.pictureInPicture,
    () => void stage.remote.requestPictureInPicture().catch(() => undefined),
  );
  let window: PopOut | null = null;
  const close = () => {
    window?.close();
    window = null;
  };
  const clean = tool(icons.popOut, text.popOut, () => {
    close();
    window = popOut(text.name);
    if (!window) fail(text.popOutBlocked);
    look();
  });
  bag.add(close);
  const look = () => {
    const seen = call.remote !== null;
    window?.look(call.remote, channel.model.get("mirror"));
    // Another session stops the call for a moment only; after a real end there is nothing to wait for.
    if (window && !call.running) setTimeout(() => call.running || close(), WINDOW_PATIENCE);
    show(mirror, call.local !== null);
    show(full, seen && document.fullscreenEnabled);
    show(small, seen && document.pictureInPictureEnabled);
    show(clean, seen);
  };
  return { element: h("span", { class: "ak-row" }, mirror, full, small, clean), look };
}

/** What is kept: a picture, a film. */
function keeping({ call, channel, bag, say, fail }: Scene, stage: Stage): Part {
  const saved = h("span", { class: "ak-note", hidden: true });
  const camera = tool(
    icons.photo,
    text.snapshot,
    () => void takeSnapshot(stage.remote).then(keep, () => fail(text.noPicture)),
  );
  let href = "";
  const forget = () => URL.revokeObjectURL(href);
  bag.add(forget);
  const keep = (picture: Blob) => {
    void picture.arrayBuffer().then((bytes) => channel.post("snapshot", {}, [bytes]));
    forget();
    href = URL.createObjectURL(picture);
    saved.replaceChildren(
      text.snapshotTaken,
      h("a", { class: "ak-live-link", href, download: "snapshot.png" }, text.saveSnapshot),
    );
    show(saved, true);
    say(text.snapshotTaken);
  };
  const recorder = new Recorder(channel, fail);
  const record = tool(icons.record, text.record, () =>
    recorder.running ? recorder.stop() : call.remote && recorder.start(call.remote),
  );
  record.classList.add("ak-live-record");
  const time = h("span", { class: "ak-note", hidden: true });
  bag.add(() => recorder.stop());
  const look = () => {
    const seen = call.remote !== null;
    if (!seen) recorder.stop();
    show(camera, seen);
    show(record, seen);
    press(record, recorder.running);
    rename(record, icons.record, recorder.running ? text.stopRecording : text.record);
    show(time, recorder.running);
    time.textContent = text.recording(minutes(recorder.seconds));
  };
  return { element: h("span", { class: "ak-row" }, camera, record, time, saved), look };
}
