// The reports of a call to Python, and which page sends them: a widget can be open in several tabs.
import type { Channel } from "../ui/channel.ts";
import type { Problem } from "./errors.ts";

/** The words of `LiveView.state`. */
export type State = "idle" | "preview" | "starting" | "joined" | "live" | "reconnecting" | "stopped" | "failed";

export const RUNNING: ReadonlySet<State> = new Set<State>(["starting", "joined", "live", "reconnecting"]);

/** This page's id. Pages over plain http have no crypto.randomUUID. */
const PAGE = Math.random().toString(36).slice(2);

export class Report {
  constructor(
    private readonly channel: Channel,
    private readonly page = PAGE,
  ) {}

  /** Another page runs the call: this one shows that and reports nothing. */
  get elsewhere(): boolean {
    const { model } = this.channel;
    return RUNNING.has(model.get("state")) && model.get("page") !== this.page;
  }

  /** From now on this page runs the call; another one that ran it stops. */
  claim(): void {
    this.channel.model.set("page", this.page);
  }

  send(state: State, trouble: Problem | null): void {
    const { model } = this.channel;
    model.set("state", state);
    model.set("error", trouble?.message ?? "");
    model.set("error_code", trouble?.code ?? "");
    try {
      model.save_changes();
    } catch {
      // A closed widget has no connection to Python any more; the page still has to show the end.
    }
  }

  /** The page is being closed while its call runs. */
  gone(): void {
    this.channel.post("gone", { page: this.page });
  }
}
