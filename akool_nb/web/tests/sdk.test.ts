// Where agora.js comes from: the Jupyter server, or else the kernel.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { moment, Wire } from "./devices.ts";
import { loadAgora } from "../src/live/transports/sdk.ts";
import { Channel } from "../src/ui/channel.ts";

/** A Jupyter server whose agora.js has that text. */
function serving(t: TestContext, script: string): void {
  // What is put behind it, the file's own path, is a comment then.
  const textContent = JSON.stringify({ fullLabextensionsUrl: `data:text/javascript,${script}//` });
  t.mock.method(document, "getElementById", () => ({ textContent }));
}

const SDK = "export const setLogLevel=()=>0,setParameter=()=>0;";
const asked = (wire: Wire) => wire.sent.map(({ kind }) => kind);

test("the server's file is taken where there is one, once for the whole page", async (t) => {
  serving(t, `${SDK}export const transportVersion=2;export class AgoraTransport{}`);
  const wire = new Wire({});
  const channel = new Channel(wire.model);
  assert.equal(await loadAgora(channel), await loadAgora(channel));
  assert.deepEqual(asked(wire), []);
  delete (globalThis as any)[Symbol.for("akool_nb.agora")];
});

test("the file of a server with an older package, without the transport, is left for the kernel's own", async (t) => {
  serving(t, SDK);
  const wire = new Wire({});
  wire.answer = ({ kind }) => setTimeout(() => wire.say(kind));
  await assert.rejects(loadAgora(new Channel(wire.model)), "Node loads no script from a kernel's bytes");
  assert.deepEqual(asked(wire), ["sdk"]);
});

test("a kernel that never answers is given up, and nothing of it is listened for any more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const wire = new Wire({});
  const loading = loadAgora(new Channel(wire.model));
  const given = assert.rejects(loading, { code: "NO_KERNEL_ANSWER" });
  await moment();
  t.mock.timers.tick(180_000);
  await given;
  assert.equal(wire.of("msg:custom").size, 0);
});
