// Bundles one file per widget, and Agora's SDK as a file of its own, into ../static.
// With --tests it bundles tests/*.test.ts for Node's own test runner instead.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { build, transform } from "esbuild";

const entries = (folder, ending) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

// A widget carries its style sheet as text. esbuild minifies files but not texts, so the text is minified here.
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    }),
};
const common = { bundle: true, format: "esm", target: "es2022", logLevel: "warning", plugins: [styles] };

async function buildTests() {
  rmSync("dist-tests", { recursive: true, force: true });
  const entryPoints = entries("tests", ".test.ts");
  await build({ ...common, platform: "node", entryPoints, outdir: "dist-tests", outExtension: { ".js": ".mjs" } });
}

// src/entries holds one entry per widget, and agora.ts, which is loaded only when a real session is joined.
// The modules are plain: one that unpacks itself can miss anywidget's two seconds for `initialize` on a slow machine.
// Jupyter saves a script with the notebook, once per widget: the limits of size are in tests/widgets/test_base.py.
async function buildStatic() {
  const outdir = "../static";
  const { metafile } = await build({
    ...common,
    minify: true,
    charset: "utf8",
    metafile: true,
    entryPoints: entries("src/entries", ".ts"),
    outdir,
  });
  const built = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  mkdirSync(outdir, { recursive: true });
  for (const name of readdirSync(outdir)) {
    if (!built.has(name)) rmSync(`${outdir}/${name}`, { recursive: true });
  }
}

if (process.argv.includes("--tests")) await buildTests();
else await buildStatic();
