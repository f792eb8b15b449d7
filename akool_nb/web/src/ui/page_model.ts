// A widget's model over a WebSocket.
import { RemoteModel } from "./remote_model.ts";

interface Message {
  state?: Record<string, unknown>;
  msg?: unknown;
  buffers: number;
}

export class PageModel extends RemoteModel {
  private message: Message = { buffers: 0 };
  private buffers: DataView[] = [];

  private constructor(private readonly socket: WebSocket) {
    super();
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.heard(data);
    // Python has ended: that means the same as the end of a kernel in a notebook.
    socket.onclose = () => this.emit("comm_live_update");
  }

  /** Resolves when Python has sent the first state. */
  static open(url: string): Promise<PageModel> {
    return new PageModel(new WebSocket(url)).ready;
  }

  send(msg: unknown, _callbacks?: unknown, buffers: (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.tell({ msg, buffers: buffers.length }, buffers);
  }

  protected sendState(state: Record<string, unknown>): void {
    this.tell({ state, buffers: 0 }, []);
  }

  private tell(message: Message, buffers: (ArrayBuffer | ArrayBufferView)[]): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify(message));
    for (const buffer of buffers) this.socket.send(buffer as ArrayBuffer);
  }

  private heard(data: string | ArrayBuffer): void {
    if (typeof data === "string") [this.message, this.buffers] = [JSON.parse(data) as Message, []];
    else this.buffers.push(new DataView(data));
    const { state, msg, buffers } = this.message;
    if (this.buffers.length !== buffers) return;
    this.takeState(state ?? {});
    if (msg !== undefined) this.emit("msg:custom", msg, this.buffers);
  }
}
