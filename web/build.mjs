// Builds dist/: the style sheets, one script and their images, each with a hash of
// its content in its name, and manifest.json, which maps asset names to files.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");

await mkdir(dist, { recursive: true });
for (const name of await readdir(dist)) {
  if (name !== ".gitkeep") await rm(join(dist, name), { recursive: true });
}

const { metafile } = await esbuild.build({
  absWorkingDir: web,
  entryPoints: [
    { in: "scripts/app.ts", out: "app" },
    { in: "styles/app.css", out: "app" },
    { in: "styles/panel.css", out: "panel" },
    { in: "styles/preview.css", out: "preview" },
    { in: "styles/print.css", out: "print" },
    { in: "icons/favicon.svg", out: "favicon" },
    { in: "icons/icon-180.png", out: "icon-180" },
    { in: "icons/icon-192.png", out: "icon-192" },
    { in: "icons/icon-512.png", out: "icon-512" },
  ],
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome123", "firefox121", "safari17.5"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "copy", ".png": "copy" },
  legalComments: "inline",
  metafile: true,
  logLevel: "warning",
});

const names = {
  "scripts/app.ts": "app.js",
  "styles/app.css": "app.css",
  "styles/panel.css": "panel.css",
  "styles/preview.css": "preview.css",
  "styles/print.css": "print.css",
  "icons/favicon.svg": "favicon.svg",
  "icons/icon-180.png": "icon-180.png",
  "icons/icon-192.png": "icon-192.png",
  "icons/icon-512.png": "icon-512.png",
};
const manifest = {};
for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (names[entryPoint]) manifest[names[entryPoint]] = basename(file);
}
for (const [source, name] of Object.entries(names)) {
  if (!manifest[name]) throw new Error(`${source} was not built`);
}
for (const name of ["app.css", "panel.css", "preview.css", "print.css"]) {
  const content = await readFile(join(dist, manifest[name]));
  if (content.includes("data:")) throw new Error(`${name} contains a data: URL, which our content security policy forbids`);
}
// Large files are also written compressed; the server sends those to browsers that take them.
for (const name of Object.values(manifest)) {
  const content = await readFile(join(dist, name));
  if (content.length < 1024 || name.endsWith(".png")) continue;
  await writeFile(join(dist, `${name}.br`), brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
  await writeFile(join(dist, `${name}.gz`), gzipSync(content, { level: 9 }));
}
// The style sheet of all pages stays small. What only the panel, the settings and the
// pages where users manage what they have need belongs in panel.css.
for (const [file, limit] of [[manifest["app.css"], 25_000], [`${manifest["app.css"]}.br`, 6_000]]) {
  const { length } = await readFile(join(dist, file));
  if (length > limit) throw new Error(`${file} has ${length} bytes, and may have ${limit}: move rules to panel.css`);
}
await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
