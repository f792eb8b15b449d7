// Which camera and microphone are chosen; remembered in the browser for the next page.
import { store, stored } from "../ui/storage.ts";
import { type Choice, DRAWN, SILENT } from "./transports/transport.ts";

const REMEMBERED = "akool_nb.devices";

export class DeviceChoice {
  wanted: Choice = remembered();
  /** The last choice that was not refused. */
  opened: Choice = this.wanted;

  constructor(drawn: boolean) {
    if (drawn) this.wanted = { ...this.wanted, camera: DRAWN };
  }

  decide(choice: Partial<Choice>): void {
    this.wanted = { ...this.wanted, ...choice };
    remember(this.wanted);
  }

  /** The device is not there any more: the next start takes the browser's default camera, or no microphone. */
  forget(device: keyof Choice): void {
    this.decide({ [device]: device === "camera" ? "" : SILENT });
  }
}

function remembered(): Choice {
  const chosen = JSON.parse(stored(REMEMBERED) ?? "{}") as Partial<Choice>;
  return { camera: "", microphone: SILENT, ...chosen };
}

function remember(choice: Choice): void {
  // The drawn face is for this call; the next one asks for a camera again.
  if (choice.camera !== DRAWN) store(REMEMBERED, JSON.stringify(choice));
}
