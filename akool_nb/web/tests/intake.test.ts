import assert from "node:assert/strict";
import { test } from "node:test";
import { address, intake, maybePicture } from "../src/uploader/intake.ts";

const data = (files: unknown[], text: string) =>
  ({ files, getData: (type: string) => (type === "text/plain" ? text : "") }) as unknown as DataTransfer;

test("of a picture dragged from a page the file is taken and not the address", () => {
  const { files, url } = intake(data([{ name: "a.png" }], "https://example.org/a.png"));
  assert.equal(files.length, 1);
  assert.equal(url, "");
});

test("a pasted address is taken, and other text is not", () => {
  assert.equal(intake(data([], " https://example.org/a.png\n")).url, "https://example.org/a.png");
  for (const text of ["see https://example.org/a.png", "javascript:alert(1)", "file:///etc/passwd", ""])
    assert.equal(address(text), "");
});

test("an empty clipboard gives nothing", () => {
  assert.deepEqual(intake(null), { files: [], url: "" });
});

test("a file of a type unknown to the browser is sent to Python", () => {
  assert.equal(maybePicture({ type: "" } as File), true);
  assert.equal(maybePicture({ type: "text/plain" } as File), false);
});
