// Bundles one file per widget, and Agora's SDK as a file of its own, into ../static.
// With --tests it bundles tests/*.test.ts for Node's own test runner instead.
import { readdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const entries = (folder, ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
const common = { bundle: true, format: "esm", target: "es2022", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  rmSync("dist-tests", { recursive: true, force: true });
  await build({ ...common, platform: "node", entryPoints: entries("tests", ".test.ts"), outdir: "dist-tests", outExtension: { ".js": ".mjs" } });
} else {
  // src/entries holds one entry per widget, and agora.ts, which is loaded only when a real session is joined.
  await build({ ...common, minify: true, entryPoints: entries("src/entries", ".ts"), outdir: "../static", loader: { ".css": "text", ".svg": "text" } });
  const built = new Set(entries("src/entries", ".ts").map((name) => basename(name, ".ts") + ".js"));
  for (const name of readdirSync("../static")) if (!built.has(name)) rmSync(`../static/${name}`, { recursive: true });
}
