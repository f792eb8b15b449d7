// What is kept of the picture: snapshots and films.
import { button, press, rename } from "../../ui/controls.ts";
import { h, show } from "../../ui/dom.ts";
import * as icons from "../../ui/icons.ts";
import { minutes } from "../../ui/time.ts";
import { text } from "../../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";

export function keeping(scene: Scene): Part {
  const notes = h("span", { class: "ak-row" });
  const parts = [snapshots(scene, notes), films(scene, notes)];
  const element = h("span", { class: "ak-row" }, ...parts.map((part) => part.element), notes);
  return { element, look: () => parts.forEach((part) => part.look()) };
}

function snapshots({ call, capture, bag, say }: Scene, notes: HTMLElement): Part {
  const saved = h("span", { class: "ak-note", hidden: true });
  notes.append(saved);
  let href = "";
  const forget = () => {
    URL.revokeObjectURL(href);
    show(saved, false);
  };
  bag.add(forget);
  const keep = (picture: Blob) => {
    forget();
    href = URL.createObjectURL(picture);
    const file = h("a", { class: "ak-live-file", href, download: "snapshot.png" }, text.saveSnapshot);
    saved.replaceChildren(text.snapshotTaken, file);
    show(saved, true);
    say(text.snapshotTaken);
  };
  const take = () => void capture.snapshot().then(keep, () => call.report.fail(text.noPicture));
  const element = button(text.snapshot, take, { icon: icons.photo, look: "quiet" });
  const look = () => {
    show(element, call.remote !== null);
    // The note belongs to a picture that was on the screen.
    if (call.state === "starting") show(saved, false);
  };
  return { element, look };
}

function films({ call, capture, channel, say }: Scene, notes: HTMLElement): Part {
  const note = h("span", { class: "ak-note", hidden: true });
  notes.append(note);
  const { recorder } = capture;
  let counting = false;
  const toggle = () => {
    if (recorder.running) recorder.stop();
    else if (call.remote) recorder.start(call.remote.stream);
    look();
  };
  const element = button(text.record, toggle, { icon: icons.record, look: "quiet" });
  element.classList.add("ak-live-record");
  channel.hear("recorded", ({ path, refused }: { path: string; refused: string }) => {
    counting = false;
    const told = path ? text.recorded(path) : refused;
    note.textContent = told;
    show(note, told !== "");
    if (told) say(told);
  });
  const look = () => {
    show(element, call.remote !== null);
    press(element, recorder.running);
    rename(element, recorder.running ? text.stopRecording : text.record, icons.record);
    // The film may end without an answer, if Python has stopped.
    if (!recorder.running && counting) show(note, false);
    counting = recorder.running;
    if (!counting) return;
    note.textContent = text.recording(minutes(recorder.seconds));
    show(note, true);
  };
  return { element, look };
}
