// Agora's SDK, loaded when a real session is joined and never before: it lists devices and logs as soon as it is imported.
import type * as Agora from "agora-rtc-sdk-ng/esm";
import { Channel } from "../ui/channel.ts";
import { KERNEL_PATIENCE, LiveError, within } from "./transport.ts";

export type Sdk = typeof Agora;

const KEPT = Symbol.for("akool_nb.agora");

/** One SDK per page, however many widgets ask. */
export function loadSdk(channel: Channel): Promise<Sdk> {
  const page = globalThis as { [KEPT]?: Promise<Sdk> };
  page[KEPT] ??= load(channel).catch((error) => {
    delete page[KEPT];
    throw error;
  });
  return page[KEPT];
}

async function load(channel: Channel): Promise<Sdk> {
  const address = staticAddress();
  const sdk = (address && (await importFrom(address).catch(() => null))) || (await throughKernel(channel));
  return quiet(sdk);
}

/** Where the Jupyter server (or the standalone page) serves the SDK as a file. */
function staticAddress(): string | null {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  const base = config ? (JSON.parse(config) as { fullLabextensionsUrl?: string; baseUrl?: string }) : null;
  if (!base) return null;
  const folder = base.fullLabextensionsUrl ?? `${base.baseUrl ?? "/"}lab/extensions`;
  return new URL(`${folder}/akool-nb/static/agora.js`, location.href).href;
}

function importFrom(address: string): Promise<Sdk> {
  return import(/* @vite-ignore */ address) as Promise<Sdk>;
}

async function throughKernel(channel: Channel): Promise<Sdk> {
  const packed = await within(asked(channel), KERNEL_PATIENCE, "NO_KERNEL_ANSWER");
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
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

function asked(channel: Channel): Promise<BlobPart> {
  const own = new Channel(channel.model);
  return new Promise<BlobPart>((resolve) => {
    own.hear("sdk", (_message, [bytes]) => bytes && resolve(bytes as unknown as BlobPart));
    own.post("sdk");
  }).finally(() => own.close());
}

/** No log lines, no log upload (off by default), no telemetry. */
function quiet(sdk: Sdk): Sdk {
  sdk.setLogLevel(4);
  for (const name of ["ENABLE_EVENT_REPORT", "EVENT_REPORT_RETRY", "REPORT_STATS"]) (sdk.setParameter as (name: string, value: unknown) => void)(name, false);
  return sdk;
}
