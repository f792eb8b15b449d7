import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel, type Model } from "../src/ui/channel.ts";
import { PIECE, pieces, Sender } from "../src/uploader/sender.ts";

/** The other side of the channel: keeps what is sent, answers when told. */
class Wire {
  sent: any[] = [];
  private handlers: ((message: any) => void)[] = [];
  model = {
    get: () => undefined,
    set: () => {},
    save_changes: () => {},
    send: (message: any) => void this.sent.push(message),
    on: (_: string, handler: (message: any) => void) => void this.handlers.push(handler),
    off: () => {},
  } as unknown as Model;

  answer(message: object): void {
    for (const handler of this.handlers) handler(message);
  }

  /** The next message that is not there yet. */
  async until(count: number): Promise<void> {
    while (this.sent.length < count) await new Promise((go) => setImmediate(go));
  }
}

test("pieces cover a file exactly, and an empty file is one empty piece", () => {
  assert.deepEqual(pieces(2.5 * PIECE).map(([start, end]) => end - start), [PIECE, PIECE, PIECE / 2]);
  assert.deepEqual(pieces(0), [[0, 0]]);
  assert.ok(pieces(PIECE).length === 1);
});

test("a large file waits for Python after four pieces", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model), () => {});
  sender.file(new Blob([new Uint8Array(6 * PIECE)]), "large.jpg");
  await wire.until(4);
  await new Promise((go) => setTimeout(go, 20));
  assert.equal(wire.sent.length, 4);
  const { upload } = wire.sent[0];
  wire.answer({ kind: "got", upload, bytes: 2 * PIECE, size: 6 * PIECE });
  await wire.until(6);
  assert.equal(sender.progress?.share, 1 / 3);
  wire.answer({ kind: "done", upload });
  assert.equal(sender.progress, null);
});

test("files go one after the other", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model), () => {});
  sender.file(new Blob(["a"]), "a.jpg");
  sender.file(new Blob(["b"]), "b.jpg");
  await wire.until(1);
  assert.equal(sender.progress?.name, "a.jpg");
  wire.answer({ kind: "done", upload: wire.sent[0].upload });
  await wire.until(2);
  assert.equal(wire.sent[1].name, "b.jpg");
});

test("after cancel a late answer changes nothing", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model), () => {});
  sender.file(new Blob(["a"]), "a.jpg");
  await wire.until(1);
  const { upload } = wire.sent[0];
  sender.cancel();
  sender.file(new Blob(["b"]), "b.jpg");
  wire.answer({ kind: "got", upload, bytes: 1, size: 1 });
  wire.answer({ kind: "done", upload });
  assert.equal(sender.progress?.name, "b.jpg");
  assert.equal(sender.progress?.share, 0);
});
