// The session that Python opens for a call. It costs credits, so it is asked for only when the camera is open, and a
// page that leaves withdraws its question.
import type { Channel } from "../ui/channel.ts";
import type { Run } from "./run.ts";
import { arrives, ask } from "./transports/ask.ts";
import { LiveError } from "./transports/transport.ts";

interface Answer {
  refused: string;
  session_id: string;
}

export class Creation {
  /** The question that has no answer yet, or "". */
  private question = "";

  constructor(private readonly channel: Channel) {}

  get pending(): boolean {
    return this.question !== "";
  }

  /** Resolves when the page has the traits of an open session; LiveError with the reason if none was opened. */
  async ask(run: Run): Promise<void> {
    // A kernel that runs a cell answers later. A page that leaves before the answer has requested no session.
    await run.during(ask(this.channel, "pulse"));
    this.question = Math.random().toString(36).slice(2);
    const [{ refused, session_id }] = await run.during(
      ask<Answer>(this.channel, "create", { question: this.question }),
    );
    // The traits come from another thread, so they may arrive after this message.
    if (!refused) await run.during(arrives(this.channel, "session_id", session_id));
    this.question = "";
    if (refused) throw new LiveError("NOT_CREATED", refused);
  }

  /** The run has ended: Python closes the session that it opens. */
  withdraw(): void {
    const { question } = this;
    this.question = "";
    try {
      if (question) this.channel.post("withdraw", { question });
    } catch {
      // The widget is closed or the kernel has ended: neither opens a session.
    }
  }
}
