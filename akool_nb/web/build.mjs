// Bundles one file per widget, and Agora's SDK as a file of its own, into ../static.
// With --tests it bundles tests/*.test.ts for Node's own test runner instead.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build, transform } from "esbuild";

const entries = (folder, ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);

// A widget carries its style sheet as text; esbuild minifies files, not texts.
const styles = {
  name: "styles",
  setup: ({ onLoad }) => onLoad({ filter: /\.css$/ }, async ({ path }) => {
    const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
    return { contents: code.trim(), loader: "text" };
  }),
};
const common = { bundle: true, format: "esm", target: "es2022", logLevel: "warning", plugins: [styles] };

// 85 characters that need no escape in JSON, in a script's quotes or in HTML.
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?()[]{}@%#,;_|";

/** Four bytes as five digits: a sixteenth shorter than base64. Zeros fill up the last four. */
function base85(bytes) {
  const whole = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const words = Array.from({ length: whole.length / 4 }, (_, i) => whole.readUInt32BE(4 * i));
  return words.map((word) => [52200625, 614125, 7225, 85, 1].map((unit) => DIGITS[Math.floor(word / unit) % 85]).join("")).join("");
}

/**
 * The same module at about half of its length. Jupyter saves a widget's script with the notebook, once per widget, and sends it
 * through the kernel's channel each time; a browser unpacks it in a few milliseconds. The zeros that fill up the last four bytes
 * are cut off again: a browser refuses what stands behind the end of a deflated stream.
 */
const pack = (script) => {
  // A block of deflate is the longer the more memory it has; which length suits a script best has to be tried.
  const tries = [4, 5, 6, 7, 8, 9].map((memLevel) => deflateRawSync(script, { level: 9, memLevel }));
  const packed = tries.reduce((best, one) => (one.length < best.length ? one : best));
  return `// akool_nb, MIT. Packed by web/build.mjs, sources in web/src.
const digits = "${DIGITS}";
const packed = "${base85(packed)}";
const words = new DataView(new ArrayBuffer(packed.length / 5 * 4));
for (let i = 0, word = 0; i < packed.length; word = i % 5 ? word : 0) {
  word = word * 85 + digits.indexOf(packed[i++]);
  if (i % 5 === 0) words.setUint32(i / 5 * 4 - 4, word);
}
const bytes = words.buffer.slice(0, ${packed.length});
const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
const { default: widget } = await import(url);
URL.revokeObjectURL(url);
export default widget;
`;
};

async function buildTests() {
  rmSync("dist-tests", { recursive: true, force: true });
  await build({ ...common, platform: "node", entryPoints: entries("tests", ".test.ts"), outdir: "dist-tests", outExtension: { ".js": ".mjs" } });
}

// src/entries holds one entry per widget, and agora.ts, which is loaded only when a real session is joined.
async function buildStatic() {
  const { outputFiles } = await build({ ...common, minify: true, write: false, entryPoints: entries("src/entries", ".ts"), outdir: "../static" });
  const built = new Map(outputFiles.map(({ path, contents, text }) => [basename(path), basename(path) === "agora.js" ? contents : pack(text)]));
  mkdirSync("../static", { recursive: true });
  for (const [name, contents] of built) writeFileSync(`../static/${name}`, contents);
  for (const name of readdirSync("../static")) if (!built.has(name)) rmSync(`../static/${name}`, { recursive: true });
}

await (process.argv.includes("--tests") ? buildTests() : buildStatic());
