// The model of a widget that is a part of another one: the page's side of widgets/part_comm.py.
import type { Channel } from "../ui/channel.ts";
import { RemoteModel } from "../ui/remote_model.ts";

/** This page's id. Pages over plain http have no crypto.randomUUID. */
const PAGE = Math.random().toString(36).slice(2);

/** A message of ipywidgets' protocol. */
interface Data {
  method: string;
  state?: Record<string, unknown>;
  content?: unknown;
}

export class PartModel extends RemoteModel {
  /** `channel` is that of the whole; `key` names the part. */
  constructor(
    private readonly channel: Channel,
    private readonly key: string,
  ) {
    super();
    channel.hear("part", (message, buffers) => {
      if (message.key === key && message.page !== PAGE) this.take(message.data, buffers);
    });
    channel.on("comm_live_update", () => this.emit("comm_live_update"));
    this.post({ method: "request_state" });
  }

  send(content: unknown, _callbacks?: unknown, buffers: (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.post({ method: "custom", content }, buffers);
  }

  protected sendState(state: Record<string, unknown>): void {
    this.post({ method: "update", state });
  }

  private post(data: Data, buffers: (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.channel.post("part", { key: this.key, page: PAGE, data }, buffers);
  }

  private take({ state, content }: Data, buffers: DataView[]): void {
    if (state) this.takeState(state);
    if (content !== undefined) this.emit("msg:custom", content, buffers);
  }
}
