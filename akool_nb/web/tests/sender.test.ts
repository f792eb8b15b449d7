import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel, type Model } from "../src/ui/channel.ts";
import { PIECE, pieces, Sender } from "../src/uploader/sender.ts";

/** The other side of the channel: keeps what is sent, and answers on request. */
class Wire {
  sent: any[] = [];
  traits: Record<string, unknown> = {};
  private handlers: ((message: any) => void)[] = [];
  model = {
    get: (name: string) => this.traits[name],
    set: (name: string, value: unknown) => void (this.traits[name] = value),
    save_changes: () => {},
    send: (message: any) => void this.sent.push(message),
    on: (_: string, handler: (message: any) => void) => void this.handlers.push(handler),
    off: () => {},
  } as unknown as Model;

  answer(message: object): void {
    for (const handler of this.handlers) handler(message);
  }

  /** The next message that has not been read. */
  async until(count: number): Promise<void> {
    while (this.sent.length < count) await new Promise((go) => setImmediate(go));
  }
}

test("pieces cover a file exactly, and an empty file is one empty piece", () => {
  assert.deepEqual(
    pieces(2.5 * PIECE).map(([start, end]) => end - start),
    [PIECE, PIECE, PIECE / 2],
  );
  assert.deepEqual(pieces(0), [[0, 0]]);
  assert.ok(pieces(PIECE).length === 1);
});

test("a large file waits for Python after four pieces", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model));
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

test("files are sent one after the other", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model));
  sender.file(new Blob(["a"]), "a.jpg");
  sender.file(new Blob(["b"]), "b.jpg");
  await wire.until(1);
  assert.equal(sender.progress?.name, "a.jpg");
  wire.answer({ kind: "done", upload: wire.sent[0].upload });
  await wire.until(2);
  assert.equal(wire.sent[1].name, "b.jpg");
});

test("a folder or a missing file is named and skipped, and the next file is sent", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model));
  const gone = new Blob(["a"]);
  gone.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) as Blob;
  sender.file(gone, "holiday");
  sender.file(new Blob(["b"]), "b.jpg");
  await wire.until(2);
  assert.match(wire.traits["error"] as string, /^holiday could not be read\. If it is a folder/);
  assert.deepEqual(
    wire.sent.map(({ kind, name }) => name ?? kind),
    ["cancel", "b.jpg"],
  );
});

test("answers in another order do not move the progress bar back", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model));
  sender.file(new Blob([new Uint8Array(2 * PIECE)]), "a.jpg");
  await wire.until(2);
  const { upload } = wire.sent[0];
  for (const bytes of [2 * PIECE, PIECE]) wire.answer({ kind: "got", upload, bytes, size: 2 * PIECE });
  assert.equal(sender.progress?.share, 1);
});

test("two pages of one widget never use the same upload number", async () => {
  const uploads = [new Wire(), new Wire()].map(
    (wire) => (new Sender(new Channel(wire.model)).sample("astronaut"), wire.sent[0].upload),
  );
  assert.notEqual(uploads[0], uploads[1]);
});

test("a late answer after a cancel changes nothing", async () => {
  const wire = new Wire();
  const sender = new Sender(new Channel(wire.model));
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
