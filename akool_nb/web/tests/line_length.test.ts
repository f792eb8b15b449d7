import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const COLUMNS = 120;

test("no line of the front end, comments and texts included, is longer than 120 columns", () => {
  const files = ["src", "tests"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  const sources = files.filter((name) => /\.(ts|css)$/.test(name));
  assert.ok(sources.length > 80);
  const long = sources.flatMap((name) =>
    readFileSync(name, "utf8")
      .split("\n")
      .flatMap((line, index) => (line.length > COLUMNS ? [`${name}:${index + 1}`] : [])),
  );
  assert.deepEqual(long, []);
});
