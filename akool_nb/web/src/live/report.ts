// The reports of a call to Python, and which page sends them: a widget can be open in several tabs.
import type { Channel } from "../ui/channel.ts";
import type { Problem } from "./errors.ts";
import type { Figures } from "./transports/transport.ts";

/** The words of `LiveView.state`. */
export type State = "idle" | "preview" | "starting" | "joined" | "live" | "reconnecting" | "stopped" | "failed";

export const RUNNING: ReadonlySet<State> = new Set<State>(["starting", "joined", "live", "reconnecting"]);

export class Report {
  /** This page's id: the number of its last call, and random letters. */
  private page: string;
  private counter = 0;

  // Pages over plain http have no crypto.randomUUID.
  constructor(
    private readonly channel: Channel,
    private readonly letters = Math.random().toString(36).slice(2),
  ) {
    this.page = `0-${letters}`;
  }

  /** Another page runs the call: this one shows that and reports nothing. */
  get elsewhere(): boolean {
    const { model } = this.channel;
    return RUNNING.has(model.get("state")) && model.get("page") !== this.page;
  }

  /** From now on this page runs the call; another one that ran it stops. */
  claim(): void {
    const { model } = this.channel;
    const calls = Number.parseInt(model.get("page")) || 0;
    this.page = `${calls + 1}-${this.letters}`;
    model.set("page", this.page);
  }

  send(state: State, trouble: Problem | null): void {
    this.set({ state, error: trouble?.message ?? "", error_code: trouble?.code ?? "" });
  }

  /** The figures of the last second. The time makes each value new, because hosts send only changed traits. */
  count(figures: Figures | null): void {
    this.set({ stats: figures ? { time: Date.now() / 1000, ...figures } : {} });
  }

  fail(error: string): void {
    this.set({ error });
  }

  /** Set traits here and in Python, which takes them only from the page that runs the call. */
  private set(traits: Record<string, unknown>): void {
    const { model } = this.channel;
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    // The counter makes `_report` change, so that the host sends it.
    this.counter += 1;
    model.set("_report", [this.page, this.counter]);
    try {
      model.save_changes();
    } catch {
      // A closed widget has no connection to Python any more; the page still has to show the end.
    }
  }

  gone(): void {
    this.channel.post("gone", { page: this.page });
  }
}
