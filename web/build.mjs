// Builds dist/: one style sheet, one script and their images, each with a hash of
// its content in its name, and manifest.json, which maps asset names to files. Our
// content security policy forbids data: URLs, so the images inside Pico's style
// sheet become separate files.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");

/** Moves each image in a data: URL of a style sheet to a file of its own. */
const dataImagesToFiles = {
  name: "data-images-to-files",
  setup(build) {
    const images = new Map();
    build.onLoad({ filter: /pico[^/]*\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const contents = css.replace(/url\("data:image\/svg\+xml,([^"]*)"\)/g, (_, image) => {
        const name = `pico-${createHash("sha256").update(image).digest("hex").slice(0, 8)}.svg`;
        images.set(name, decodeURIComponent(image));
        return `url("image:${name}")`;
      });
      return { contents, loader: "css" };
    });
    build.onResolve({ filter: /^image:/ }, ({ path }) => ({ path: path.slice("image:".length), namespace: "image" }));
    build.onLoad({ filter: /.*/, namespace: "image" }, ({ path }) => ({ contents: images.get(path), loader: "file" }));
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
  plugins: [dataImagesToFiles],
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
  throw new Error("the style sheet still contains a data: URL, which our content security policy forbids");
}
await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
