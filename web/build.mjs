// Makes dist/: one style sheet, one script and the pictures they use, each with
// a hash of its content in its name, and manifest.json, which says what they
// are called. The pages' policy allows no data: addresses, so the pictures that
// Pico carries inside its style sheet become files of their own.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");

/** Gives each data: picture of a style sheet an address of its own. */
const dataPicturesToFiles = {
  name: "data-pictures-to-files",
  setup(build) {
    const pictures = new Map();
    build.onLoad({ filter: /pico[^/]*\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const contents = css.replace(/url\("data:image\/svg\+xml,([^"]*)"\)/g, (_, picture) => {
        const name = `pico-${createHash("sha256").update(picture).digest("hex").slice(0, 8)}.svg`;
        pictures.set(name, decodeURIComponent(picture));
        return `url("picture:${name}")`;
      });
      return { contents, loader: "css" };
    });
    build.onResolve({ filter: /^picture:/ }, ({ path }) => ({ path: path.slice("picture:".length), namespace: "picture" }));
    build.onLoad({ filter: /.*/, namespace: "picture" }, ({ path }) => ({ contents: pictures.get(path), loader: "file" }));
  },
};

await mkdir(dist, { recursive: true });
for (const name of await readdir(dist)) {
  if (name !== ".gitkeep") await rm(join(dist, name), { recursive: true });
}

const { metafile } = await esbuild.build({
  absWorkingDir: web,
  entryPoints: [
    { in: "scripts/app.ts", out: "app" },
    { in: "styles/app.css", out: "app" },
    { in: "icons/favicon.svg", out: "favicon" },
  ],
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome120", "firefox121", "safari17"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "copy" },
  legalComments: "inline",
  metafile: true,
  logLevel: "warning",
  plugins: [dataPicturesToFiles],
});

const names = { "scripts/app.ts": "app.js", "styles/app.css": "app.css", "icons/favicon.svg": "favicon.svg" };
const manifest = {};
for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (names[entryPoint]) manifest[names[entryPoint]] = basename(file);
}
for (const [source, name] of Object.entries(names)) {
  if (!manifest[name]) throw new Error(`${source} was not built`);
}
if ((await readFile(join(dist, manifest["app.css"]), "utf8")).includes("data:")) {
  throw new Error("a data: address is left in the style sheet; the pages' policy forbids it");
}
await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
