// Lets this process import TypeScript: `node --import ./cli/typescript.js FILE.ts`. From 22.18 on, Node does so itself, outside of
// node_modules.
import { register } from "node:module";

const readsTypeScript = "typescript" in process.features && Boolean(process.features.typescript);
if (!readsTypeScript || import.meta.url.includes("/node_modules/")) {
  process.setSourceMapsEnabled(true);
  register("./typescript-hooks.js", import.meta.url);
}
