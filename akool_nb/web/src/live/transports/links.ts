// Three ways from the page to the sandbox: directly, through the Jupyter server, through the kernel.
import { Channel } from "../../ui/channel.ts";
import { KERNEL_PATIENCE, LiveError, within } from "./transport.ts";

export interface LinkListener {
  frame(bytes: ArrayBuffer): void;
  text(message: Record<string, unknown>): void;
  /** The connection broke; not called after close(). */
  broke(): void;
}

export interface Link {
  /** How many frames may be in flight at once. */
  readonly slots: number;
  send(bytes: ArrayBuffer): void;
  close(): void;
}

const PATIENCE = 2000;

/** The first link that works. */
export async function openLink(url: string, channel: Channel, listener: LinkListener): Promise<Link> {
  for (const address of addresses(url)) {
    const link = await openSocket(address, listener).catch(() => null);
    if (link) return link;
  }
  return openRelay(channel, listener);
}

/** The loopback names of https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy */
export function isLoopback(hostname: string): boolean {
  return /^(127(\.\d{1,3}){3}|\[::1\]|(.+\.)?localhost)$/.test(hostname);
}

/**
 * The WebSocket addresses to try. 127.0.0.1 is the browser's machine: on a page from elsewhere the sandbox is not
 * there, Chrome asks the user for a permission, and another program would get the session's token.
 */
export function addresses(url: string, page: Location = location, config = jupyterConfig()): string[] {
  const direct = isLoopback(page.hostname) ? [url] : [];
  const proxied = throughJupyter(url, page, config);
  return proxied ? [...direct, proxied] : direct;
}

/** The same address behind jupyter-server-proxy, if this page came from a Jupyter server. */
export function throughJupyter(url: string, page: Location, config: string | null): string | null {
  if (!config) return null;
  const { baseUrl } = JSON.parse(config) as { baseUrl?: string };
  if (!baseUrl) return null;
  const there = new URL(url);
  return `${page.origin.replace(/^http/, "ws")}${baseUrl}proxy/${there.port}${there.pathname}${there.search}`;
}

function jupyterConfig(): string | null {
  return document.getElementById("jupyter-config-data")?.textContent ?? null;
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
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") listener.text(JSON.parse(data));
    else listener.frame(data);
  };
  socket.onclose = () => listener.broke();
  return {
    slots: 2,
    send(bytes) {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    close() {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
    },
  };
}

interface RelayMessage {
  event: "open" | "frame" | "text" | "refused" | "closed";
  /** Which relay it belongs to: messages of an older one may still arrive. */
  id: string;
  text?: string;
}

/** Frames as widget messages; the kernel passes them on to the sandbox. */
export async function openRelay(channel: Channel, listener: LinkListener, patience = KERNEL_PATIENCE): Promise<Link> {
  const own = new Channel(channel.model);
  // Pages over plain http have no crypto.randomUUID.
  const id = Math.random().toString(36).slice(2);
  let isOpen = false;
  const broke = () => {
    own.close();
    listener.broke();
  };
  const ready = new Promise<void>((resolve, reject) => {
    own.hear("relay", ({ event, id: other, text }: RelayMessage, [bytes]) => {
      if (other !== id) return;
      if (event === "open") {
        isOpen = true;
        resolve();
      }
      if (event === "frame" && bytes) listener.frame(copied(bytes));
      if (event === "text") listener.text(JSON.parse(text ?? "{}"));
      if (event === "refused") reject(new LiveError("SANDBOX_REFUSED"));
      if (event === "closed" && isOpen) broke();
    });
  });
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
