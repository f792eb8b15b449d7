// Which camera, which microphone: remembered, and changeable during the call.
import { h, show } from "../../ui/dom.ts";
import { text } from "../../texts/live_view.ts";
import { choices, type Device } from "../transports/media.ts";
import { type Choice, DRAWN, SILENT } from "../transports/transport.ts";
import type { Part, Scene } from "./part.ts";

/** What a menu offers on every machine. */
const OFFERED: readonly string[] = ["", DRAWN, SILENT];

type Option = readonly [value: string, label: string];

export function menus({ call, bag }: Scene): Part {
  const choose = async (choice: Partial<Choice>) => {
    await call.choose(choice);
    // A choice that waits for the consent, or was refused, is not the present one.
    camera.value = call.choice.camera;
    microphone.value = call.choice.microphone;
  };
  const camera = menu(text.camera, (value) => void choose({ camera: value }));
  const microphone = menu(text.microphone, (value) => void choose({ microphone: value }));
  const microphoneLabel = labelled(text.microphone, microphone);
  const element = h("div", { class: "ak-row ak-live-menus" }, labelled(text.camera, camera), microphoneLabel);
  let last = "";
  const list = async () => {
    const cameras = await choices("videoinput", text.camera);
    const microphones = await choices("audioinput", text.microphone);
    const { devices } = call;
    if (isGone(call.choice.camera, cameras)) devices.forget("camera");
    if (isGone(call.choice.microphone, microphones)) devices.forget("microphone");
    const silent: Option[] = [
      [SILENT, text.noMicrophone],
      ["", text.defaultMicrophone],
    ];
    const drawn: Option = [DRAWN, text.drawnCamera];
    offer(camera, [["", text.defaultCamera], ...cameras.map(option), drawn], call.choice.camera);
    offer(microphone, [...silent, ...microphones.map(option)], call.choice.microphone);
  };
  const look = () => {
    show(microphoneLabel, call.traits.carriesSound);
    // Names of devices appear only after the first permission, which comes with preview or start.
    const now = [call.state, call.choice.camera, call.choice.microphone].join("\n");
    if (now !== last) void list();
    last = now;
  };
  if (navigator.mediaDevices) bag.listen(navigator.mediaDevices, "devicechange", () => void list());
  return { element, look };
}

/** Remembered, but unplugged. The list is empty while nothing was allowed: then that is not known. */
export function isGone(chosen: string, found: Device[]): boolean {
  return found.length > 0 && ![...OFFERED, ...found.map(({ id }) => id)].includes(chosen);
}

function menu(name: string, choose: (value: string) => void): HTMLSelectElement {
  const element = h("select", { class: "ak-field", "aria-label": name, onchange: () => choose(element.value) });
  return element;
}

function labelled(name: string, menu: HTMLSelectElement): HTMLLabelElement {
  return h("label", { class: "ak-row ak-live-menu" }, h("span", { class: "ak-muted" }, name), menu);
}

function option(device: Device): Option {
  return [device.id, device.label];
}

/** A menu with these options already is left alone: it may be open. */
function offer(menu: HTMLSelectElement, options: Option[], chosen: string): void {
  const key = JSON.stringify(options);
  if (menu.dataset["options"] !== key) {
    menu.dataset["options"] = key;
    menu.replaceChildren(...options.map(([value, label]) => h("option", { value }, label)));
  }
  const wanted = options.some(([value]) => value === chosen) ? chosen : (options[0] as Option)[0];
  if (menu.value !== wanted) menu.value = wanted;
}
