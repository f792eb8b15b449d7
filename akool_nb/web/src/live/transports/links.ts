// Three roads from the page to the sandbox: straight, through the Jupyter server, through the kernel.
import { Channel } from "../../ui/channel.ts";
import { KERNEL_PATIENCE, LiveError, within } from "./transport.ts";

export interface LinkListener {
  frame(bytes: ArrayBuffer): void;
  text(message: Record<string, unknown>): void;
  /** The road broke; not called after close(). */
  broke(): void;
}

export interface Link {
  /** How many frames may be on the road at once. */
  readonly slots: number;
  send(bytes: ArrayBuffer): void;
  close(): void;
}

const PATIENCE = 2000;

/** The first road that works. */
export async function openLink(url: string, channel: Channel, listener: LinkListener): Promise<Link> {
  for (const address of roads(url)) {
    const link = await openSocket(address, listener).catch(() => null);
    if (link) return link;
  }
  return openRelay(channel, listener);
}

function roads(url: string): string[] {
  const proxied = throughJupyter(url);
  return proxied ? [url, proxied] : [url];
}

/** The same address behind jupyter-server-proxy, if this page came from a Jupyter server. */
export function throughJupyter(
  url: string,
  page = globalThis.location,
  config = document.getElementById("jupyter-config-data")?.textContent,
): string | null {
  if (!config) return null;
  const { baseUrl } = JSON.parse(config) as { baseUrl?: string };
  if (!baseUrl) return null;
  const there = new URL(url);
  return `${page.origin.replace(/^http/, "ws")}${baseUrl}proxy/${there.port}${there.pathname}${there.search}`;
}

async function openSocket(url: string, listener: LinkListener): Promise<Link> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onclose = () => reject(new LiveError("SANDBOX_UNREACHABLE"));
  });
  await within(opened, PATIENCE, "SANDBOX_UNREACHABLE").catch((error) => {
    socket.close();
    throw error;
  });
  socket.onmessage = ({ data }) => (typeof data === "string" ? listener.text(JSON.parse(data)) : listener.frame(data));
  socket.onclose = () => listener.broke();
  return {
    slots: 2,
    send: (bytes) => socket.readyState === WebSocket.OPEN && socket.send(bytes),
    close() {
      socket.onclose = socket.onmessage = null;
      socket.close();
    },
  };
}

interface RelayMessage {
  event: "open" | "frame" | "text" | "refused" | "closed";
  /** Which road it belongs to: an older one may still have a word on its way. */
  id: string;
  text?: string;
}

/** Frames as widget messages; the kernel passes them on to the sandbox. */
export async function openRelay(channel: Channel, listener: LinkListener, patience = KERNEL_PATIENCE): Promise<Link> {
  const own = new Channel(channel.model);
  // Pages over plain http have no crypto.randomUUID.
  const id = Math.random().toString(36).slice(2);
  let isOpen = false;
  const ready = new Promise<void>((resolve, reject) => {
    own.hear("relay", ({ event, id: whose, text }: RelayMessage, [bytes]) => {
      if (whose !== id) return;
      if (event === "open") resolve(void (isOpen = true));
      else if (event === "frame" && bytes) listener.frame(copied(bytes));
      else if (event === "text") listener.text(JSON.parse(text ?? "{}"));
      else if (event === "refused") reject(new LiveError("SANDBOX_REFUSED"));
      else if (event === "closed" && isOpen) broke();
    });
  });
  // Nothing of this road is heard any more when the next one is built.
  const broke = () => {
    own.close();
    listener.broke();
  };
  const close = () => {
    own.close();
    own.post("relay", { event: "close", id });
  };
  own.post("relay", { event: "open", id });
  await within(ready, patience, "SANDBOX_UNREACHABLE").catch((error) => {
    close();
    throw error;
  });
  return { slots: 4, send: (bytes) => own.post("relay", { event: "frame", id }, [bytes]), close };
}

function copied(view: DataView): ArrayBuffer {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer;
}
