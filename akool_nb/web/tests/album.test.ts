import assert from "node:assert/strict";
import { test } from "node:test";
import { Wire } from "./devices.ts";
import { Channel } from "../src/ui/channel.ts";
import { Album } from "../src/uploader/album.ts";

test("only a connected widget requests its photos and samples", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [open, closed] = [new Wire({}), new Wire({})].map((wire) => {
    return { album: new Album(new Channel(wire.model)), wire };
  }) as [{ album: Album; wire: Wire }, { album: Album; wire: Wire }];
  closed.album.close();
  t.mock.timers.tick(1000);
  assert.deepEqual([open.wire.sent, closed.wire.sent], [[{ kind: "hello" }], []]);
});
