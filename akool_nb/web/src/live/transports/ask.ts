// What a page waits for: the answer of Python to a message, and the value of a trait.
import { Channel } from "../../ui/channel.ts";
import { KERNEL_PATIENCE, within } from "./transport.ts";

/** The first message of that kind after asking for it, and its buffers. */
export function ask<T>(
  channel: Channel,
  kind: string,
  content: object = {},
): Promise<[message: T, buffers: DataView[]]> {
  const own = new Channel(channel.model);
  const answer = new Promise<[T, DataView[]]>((resolve) =>
    own.hear(kind, (message, buffers) => resolve([message, buffers])),
  );
  own.post(kind, content);
  return within(answer, KERNEL_PATIENCE, "NO_KERNEL_ANSWER").finally(() => own.close());
}

export function arrives(channel: Channel, trait: string, value: unknown): Promise<void> {
  const own = new Channel(channel.model);
  const arrival = new Promise<void>((resolve) =>
    own.follow(trait, (now) => {
      if (now === value) resolve();
    }),
  );
  return within(arrival, KERNEL_PATIENCE, "NO_KERNEL_ANSWER").finally(() => own.close());
}
