// Loads entries/agora.ts when a real session is joined, and never before: importing the SDK lists devices and logs.
import type * as Agora from "agora-rtc-sdk-ng/esm";
import type { Channel } from "../../ui/channel.ts";
import type { AgoraTransport } from "./agora.ts";
import { ask } from "./ask.ts";
import { LiveError } from "./transport.ts";

export type Sdk = typeof Agora;
export type AgoraFile = Sdk & { AgoraTransport: typeof AgoraTransport; transportVersion: number };

/** The version of `AgoraTransport` and its `Listener` that this script works with. */
export const TRANSPORT_VERSION = 2;

const KEPT = Symbol.for("akool_nb.agora");

/** One SDK per page, however many widgets ask. */
export function loadAgora(channel: Channel): Promise<AgoraFile> {
  const page = globalThis as { [KEPT]?: Promise<AgoraFile> };
  page[KEPT] ??= load(channel).catch((error) => {
    delete page[KEPT];
    throw error;
  });
  return page[KEPT];
}

async function load(channel: Channel): Promise<AgoraFile> {
  const address = staticAddress();
  const served = address ? await importFrom(address).catch(() => null) : null;
  // The server may have another version of the package than the kernel.
  const agora = served?.transportVersion === TRANSPORT_VERSION ? served : await throughKernel(channel);
  quiet(agora);
  return agora;
}

/** Where the Jupyter server (or the standalone page) serves it. */
function staticAddress(): string | null {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  const base = config ? (JSON.parse(config) as { fullLabextensionsUrl?: string; baseUrl?: string }) : null;
  if (!base) return null;
  const folder = base.fullLabextensionsUrl ?? `${base.baseUrl ?? "/"}lab/extensions`;
  return new URL(`${folder}/akool-nb/static/agora.js`, location.href).href;
}

function importFrom(address: string): Promise<AgoraFile> {
  return import(/* @vite-ignore */ address) as Promise<AgoraFile>;
}

async function throughKernel(channel: Channel): Promise<AgoraFile> {
  const [, [packed]] = await ask(channel, "sdk");
  const stream = new Blob([packed as DataView<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
  const source = new Blob([await new Response(stream).arrayBuffer()], { type: "text/javascript" });
  const address = URL.createObjectURL(source);
  try {
    return await importFrom(address);
  } catch {
    throw new LiveError("SDK_NOT_LOADED");
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** No log lines, no log upload (off by default), no telemetry. */
function quiet(sdk: Sdk): void {
  sdk.setLogLevel(4);
  const set = sdk.setParameter as (name: string, value: unknown) => void;
  for (const name of ["ENABLE_EVENT_REPORT", "EVENT_REPORT_RETRY", "REPORT_STATS"]) set(name, false);
}
