// The tick before a camera opens, for whichever control opens it: Start, the preview, the menu, or `view.start()`.
import { consent } from "../../ui/consent.ts";
import { show } from "../../ui/dom.ts";
import { obstacle } from "../transports/media.ts";
import { DRAWN } from "../transports/transport.ts";
import type { Part, Scene } from "./part.ts";

/** `home` gets the focus of the ticked box. */
export function permission({ call, channel, bag, say }: Scene, home: () => HTMLElement): Part {
  const tick = consent(channel, bag, say, home);
  const ask = (action: () => void) => tick.ask(action);
  call.askConsent = ask;
  bag.add(() => {
    if (call.askConsent === ask) call.askConsent = null;
  });
  const look = () => {
    const opensCamera = call.choice.camera !== DRAWN && obstacle() === null && !call.elsewhere;
    show(tick.element, channel.model.get("consent") !== true && (opensCamera || tick.asking));
  };
  return { element: tick.element, look };
}
