import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type ProxyOptions, type Rolldown } from "vite";

// Builds console/dist, which the server delivers under /console. `vite console` serves the sources instead, for work on the console.

const root = import.meta.dirname;
/** Stands in index.html for the path of the console, without a slash at its end: the server knows it. */
const BASE = "__SENTIENT_BASE__";

/** The two files that no module imports: the theme runs before the style sheet, the icon is for the tab. */
function namedFiles(): Plugin {
  let isBuild = false;
  const addresses = (bundle: Rolldown.OutputBundle | undefined): { readonly theme: string; readonly icon: string } => {
    const built = (name: string): string =>
      Object.values(bundle ?? {}).find((file) => file.type === "asset" && file.names.includes(name))?.fileName ?? name;
    const folder = isBuild ? BASE : "/console";
    return { theme: `${folder}/${built("theme.js")}`, icon: `${folder}/${built("icon.svg")}` };
  };
  return {
    name: "sentient:named-files",
    configResolved(config) {
      isBuild = config.command === "build";
    },
    buildStart() {
      if (!isBuild) return;
      for (const name of ["theme.js", "icon.svg"]) this.emitFile({ type: "asset", name, source: readFileSync(join(root, name)) });
    },
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const { theme, icon } = addresses(bundle);
        return {
          html: isBuild ? html : html.replaceAll(BASE, "/console"),
          tags: [
            { tag: "script", attrs: { src: theme }, injectTo: "head-prepend" },
            { tag: "link", attrs: { rel: "icon", href: icon }, injectTo: "head" },
          ],
        };
      },
    },
  };
}

/** The order of the cascade's layers begins the style sheet: pages on demand come before the entry in it, and the first mention decides. */
function layersInOrder(): Plugin {
  return {
    name: "sentient:layers-in-order",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const [order = ""] = /^@layer [^{;]+;/m.exec(readFileSync(join(root, "styles", "base.css"), "utf8")) ?? [];
        for (const file of Object.values(bundle))
          if (file.type === "asset" && file.fileName.endsWith(".css")) file.source = `${order}${String(file.source)}`;
      },
    },
  };
}

/** Compressed copies beside each hashed file, so that the server compresses nothing. index.html is filled in by the server. */
function compressedCopies(): Plugin {
  return {
    name: "sentient:compressed-copies",
    apply: "build",
    writeBundle({ dir = "" }) {
      const assets = join(dir, "assets");
      for (const name of existsSync(assets) ? readdirSync(assets) : []) {
        const content = readFileSync(join(assets, name));
        writeFileSync(join(assets, `${name}.gz`), gzipSync(content, { level: 9 }));
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

/** `vite console` asks a running `sentient dev`; with SENTIENT_KEY in place of a session, it asks as that key. */
function toServer(): ProxyOptions {
  const key = process.env["SENTIENT_KEY"];
  return {
    target: process.env["SENTIENT_URL"] ?? "http://127.0.0.1:3000",
    ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
  };
}

export default defineConfig(({ command }) => ({
  root,
  base: command === "build" ? "./" : "/console/",
  plugins: [react(), namedFiles(), layersInOrder(), compressedCopies()],
  server: { host: "127.0.0.1", proxy: { "/v1": toServer() } },
  build: {
    outDir: join(root, "dist"),
    emptyOutDir: true,
    // The first versions with `light-dark()`.
    target: ["chrome123", "edge123", "firefox120", "safari17.5"],
    // The policy of the pages allows nothing inline, and styles of one page must not arrive after its text.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    license: false,
    // What two pages share comes with the entry, in one file: a page is one more.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] } } },
  },
  experimental: {
    renderBuiltUrl: (name, { hostType }) => (hostType === "html" ? `${BASE}/${name}` : { relative: true }),
  },
}));
