// Controls of what is sent, and of the sound that comes back.
import { button, press, rename } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { text } from "../../texts/live_view.ts";
import { SILENT } from "../transports/transport.ts";
import type { Part, Scene } from "./part.ts";

export function sending({ call, say }: Scene): Part {
  const hide = () => {
    const hidden = !call.muted.video;
    void call.mute("video", hidden);
    say(hidden ? text.pictureHidden : text.pictureShown);
  };
  const camera = button(text.cameraOff, hide, { icon: icons.video, look: "quiet" });
  const silence = () => void call.mute("audio", !call.muted.audio);
  const microphone = button(text.mute, silence, { icon: icons.microphone, look: "quiet" });
  const sound = button(text.listen, () => call.listen(!call.audible), { icon: icons.sound, look: "quiet" });
  const look = () => {
    const { video, audio } = call.muted;
    show(camera, call.running);
    if (video) rename(camera, text.cameraOn, icons.videoOff);
    else rename(camera, text.cameraOff, icons.video);
    show(microphone, call.running && call.traits.carriesSound && call.choice.microphone !== SILENT);
    if (audio) rename(microphone, text.unmute, icons.microphoneOff);
    else rename(microphone, text.mute, icons.microphone);
    show(sound, call.running && call.traits.carriesSound);
    press(sound, call.audible);
  };
  return { element: h("span", { class: "ak-row" }, camera, microphone, sound), look };
}

/** The button that a browser wants to be clicked before it plays sound. */
export function heldSound({ call, say }: Scene): Part {
  const element = button(text.playSound, () => call.listen(true), { look: "main" });
  element.title = text.soundHeld;
  element.hidden = true;
  const look = () => {
    if (call.soundHeld && element.hidden) say(text.soundHeld);
    show(element, call.running && call.soundHeld);
  };
  return { element, look };
}
