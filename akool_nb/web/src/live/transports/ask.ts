// A request to Python, and its answer.
import { Channel } from "../../ui/channel.ts";
import { KERNEL_PATIENCE, within } from "./transport.ts";

/** The first message of that kind after asking for it, and its buffers. */
export function ask<T>(channel: Channel, kind: string): Promise<[message: T, buffers: DataView[]]> {
  const own = new Channel(channel.model);
  const answer = new Promise<[T, DataView[]]>((resolve) =>
    own.hear(kind, (message, buffers) => resolve([message, buffers])),
  );
  own.post(kind);
  return within(answer, KERNEL_PATIENCE, "NO_KERNEL_ANSWER").finally(() => own.close());
}
