// What the widget's traits say about a call: its session, its transport and the consent.
import type { Channel } from "../ui/channel.ts";
import { DRAWN } from "./transports/transport.ts";

export class LiveTraits {
  constructor(private readonly channel: Channel) {}

  get session(): string {
    return this.channel.model.get("session_id");
  }

  get hasSession(): boolean {
    return this.session !== "";
  }

  /** Python makes a session at Start, if none is open. */
  get creates(): boolean {
    return this.channel.model.get("creates") === true;
  }

  /** There is a session that is open as far as this page knows, or Start makes one. */
  get ready(): boolean {
    if (this.creates) return true;
    return this.hasSession && this.channel.model.get("error_code") !== "SESSION_CLOSED";
  }

  /** The view was made with the drawn face in place of a camera. */
  get drawn(): boolean {
    return this.channel.model.get("camera") === DRAWN;
  }

  /** The drawn face needs no permission, so it needs no click. */
  get startsItself(): boolean {
    return this.drawn && this.hasSession;
  }

  /** The sandbox carries no sound: then there is no microphone menu. */
  get carriesSound(): boolean {
    return this.channel.model.get("transport") === "agora";
  }

  get mirrored(): boolean {
    return this.channel.model.get("mirror") === true;
  }

  get consent(): boolean {
    return this.channel.model.get("consent") === true;
  }
}
