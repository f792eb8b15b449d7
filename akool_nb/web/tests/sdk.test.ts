// The source of agora.js: the Jupyter server, or else the kernel.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { moment, Wire } from "./devices.ts";
import { loadAgora } from "../src/live/transports/sdk.ts";
import { Channel } from "../src/ui/channel.ts";

/** A Jupyter server whose agora.js has this text. */
function serving(t: TestContext, script: string): void {
  // The file's own path is appended, and becomes a comment.
  const textContent = JSON.stringify({ fullLabextensionsUrl: `data:text/javascript,${script}//` });
  t.mock.method(document, "getElementById", () => ({ textContent }));
}

const SDK = "export const setLogLevel=()=>0,setParameter=()=>0;";
const asked = (wire: Wire) => wire.sent.map(({ kind }) => kind);

test("the server's file is used if there is one, once per page", async (t) => {
  serving(t, `${SDK}export const transportVersion=2;export class AgoraTransport{}`);
  const wire = new Wire({});
  const channel = new Channel(wire.model);
  assert.equal(await loadAgora(channel), await loadAgora(channel));
  assert.deepEqual(asked(wire), []);
  delete (globalThis as any)[Symbol.for("akool_nb.agora")];
});

test("a server's file of an older package, without the transport, is replaced by the kernel's", async (t) => {
  serving(t, SDK);
  const wire = new Wire({});
  wire.answer = ({ kind }) => setTimeout(() => wire.receive(kind));
  await assert.rejects(loadAgora(new Channel(wire.model)), "Node loads no script from a kernel's bytes");
  assert.deepEqual(asked(wire), ["sdk"]);
});

test("a kernel that does not answer is given up, and its listeners are removed", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const wire = new Wire({});
  const loading = loadAgora(new Channel(wire.model));
  const given = assert.rejects(loading, { code: "NO_KERNEL_ANSWER" });
  await moment();
  t.mock.timers.tick(180_000);
  await given;
  assert.equal(wire.of("msg:custom").size, 0);
});
