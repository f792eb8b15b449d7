// The transport of a widget's session.
import type { Channel } from "../../ui/channel.ts";
import { text } from "../../texts/live_view.ts";
import type { JoinTicket } from "./agora.ts";
import { ask } from "./ask.ts";
import { SandboxTransport } from "./sandbox.ts";
import { loadAgora } from "./sdk.ts";
import { type Listener, LiveError, type Transport } from "./transport.ts";

export async function makeTransport(channel: Channel, listener: Listener): Promise<Transport> {
  const { model } = channel;
  if (model.get("transport") === "sandbox") return new SandboxTransport(model.get("view_url"), channel, listener);
  const [ticket, agora] = await Promise.all([askTicket(channel), loadAgora(channel)]);
  const mark = model.get("mark") === false ? "" : text.mark;
  return new agora.AgoraTransport(agora, ticket, listener, mark);
}

/** The join data with the RTC token: never a trait, only ever an answer. */
async function askTicket(channel: Channel): Promise<JoinTicket> {
  const [ticket] = await ask<JoinTicket & { refused?: string }>(channel, "ticket");
  if (ticket.refused) throw new LiveError(ticket.refused);
  return ticket;
}
