// One use of the camera, from opening it to switching it off: a preview or a call.
import { type Changed, type Choice, LiveError, type Transport } from "./transports/transport.ts";

/** Thrown into what still waits for something when the run has ended. */
export class RunOver extends Error {}

/** How the transport is to be from its first frame on. */
export interface Settings {
  muted: { video: boolean; audio: boolean };
  audible: boolean;
  mirrored: boolean;
}

export class Run {
  over = false;
  /** What the transport can do at any time, or null while there is none. */
  now: Transport | null = null;
  /** Keeps the camera open until the next transport has opened it too. */
  private former: Transport | null = null;
  private turns: Promise<unknown> = Promise.resolve();

  async during<T>(promise: Promise<T>): Promise<T> {
    const value = await promise;
    if (this.over) throw new RunOver();
    return value;
  }

  async use(making: Transport | Promise<Transport>, { muted, mirrored }: Settings): Promise<void> {
    const transport = await making;
    if (this.over) {
      await transport.leave();
      throw new RunOver();
    }
    this.former = this.now;
    this.now = transport;
    transport.mirror(mirrored);
    for (const kind of ["video", "audio"] as const) {
      if (muted[kind]) await transport.mute(kind, true);
    }
  }

  async open(choice: () => Choice): Promise<MediaStream> {
    const local = await this.inTurn((transport) => transport.open(choice()));
    await this.leaveFormer();
    return local;
  }

  join(): Promise<void> {
    return this.inTurn((transport) => transport.join());
  }

  change(choice: () => Choice): Promise<Changed> {
    return this.inTurn((transport) => transport.change(choice()));
  }

  async end(): Promise<void> {
    this.over = true;
    const { now } = this;
    this.now = null;
    await Promise.all([now?.leave(), this.leaveFormer()]);
  }

  private async leaveFormer(): Promise<void> {
    const { former } = this;
    this.former = null;
    await former?.leave();
  }

  /** One thing at a time with the devices: opened in another order, one of them would stay on. */
  private inTurn<T>(act: (transport: Transport) => Promise<T>): Promise<T> {
    const turn = this.turns.then(() => {
      if (!this.now) throw this.over ? new RunOver() : new LiveError("UNEXPECTED");
      return act(this.now);
    });
    this.turns = turn.catch(() => undefined);
    return this.during(turn);
  }
}
