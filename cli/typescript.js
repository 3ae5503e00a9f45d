// Lets this process import the sources of a clone: `node --import ./cli/typescript.js FILE.ts`. Node itself does so from 22.18 on. The
// installed package holds built JavaScript and not this file.
import { register } from "node:module";

const readsTypeScript = "typescript" in process.features && Boolean(process.features.typescript);
if (!readsTypeScript) {
  process.setSourceMapsEnabled(true);
  register("./typescript-hooks.js", import.meta.url);
}
