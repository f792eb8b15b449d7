// Which camera, which microphone: remembered, and changeable while the call runs.
import { h, show } from "../../ui/dom.ts";
import { text } from "../../texts/live_view.ts";
import { choices, type Device } from "../transports/media.ts";
import type { Part, Scene } from "./part.ts";
import { DRAWN, SILENT } from "../transports/transport.ts";

/** What a menu offers on every machine. */
const OFFERED: readonly string[] = ["", DRAWN, SILENT];

type Option = readonly [value: string, label: string];

export function menus({ call, bag }: Scene): Part {
  const camera = h("select", {
    class: "ak-field",
    "aria-label": text.camera,
    onchange: () => void call.choose({ camera: camera.value }),
  });
  const microphone = h("select", {
    class: "ak-field",
    "aria-label": text.microphone,
    onchange: () => void call.choose({ microphone: microphone.value }),
  });
  const microphoneLabel = labelled(text.microphone, microphone);
  const element = h("div", { class: "ak-row ak-live-menus" }, labelled(text.camera, camera), microphoneLabel);
  let last = "";
  const list = async () => {
    const [cameras, microphones] = await Promise.all([
      choices("videoinput", text.camera),
      choices("audioinput", text.microphone),
    ]);
    if (isGone(call.choice.camera, cameras)) call.forget("camera");
    if (isGone(call.choice.microphone, microphones)) call.forget("microphone");
    offer(camera, [["", text.defaultCamera], ...cameras.map(option), [DRAWN, text.drawnCamera]], call.choice.camera);
    offer(
      microphone,
      [[SILENT, text.noMicrophone], ["", text.defaultMicrophone], ...microphones.map(option)],
      call.choice.microphone,
    );
  };
  const look = () => {
    show(microphoneLabel, call.carriesSound);
    // Names of devices appear only after the first permission, which comes with preview or start.
    const now = [call.state, call.choice.camera, call.choice.microphone].join("\n");
    if (now !== last) void list();
    last = now;
  };
  if (navigator.mediaDevices) bag.listen(navigator.mediaDevices, "devicechange", () => void list());
  return { element, look };
}

/** Remembered, but unplugged. A list is empty while nothing was allowed: then nobody knows. */
export function isGone(chosen: string, found: Device[]): boolean {
  return found.length > 0 && ![...OFFERED, ...found.map(({ id }) => id)].includes(chosen);
}

function labelled(name: string, menu: HTMLSelectElement): HTMLLabelElement {
  return h("label", { class: "ak-row ak-live-menu" }, h("span", { class: "ak-muted" }, name), menu);
}

function option(device: Device): Option {
  return [device.id, device.label];
}

function offer(menu: HTMLSelectElement, options: Option[], chosen: string): void {
  menu.replaceChildren(...options.map(([value, label]) => h("option", { value }, label)));
  menu.value = options.some(([value]) => value === chosen) ? chosen : (options[0] as Option)[0];
}
