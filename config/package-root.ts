import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the folder of this package, in a clone or installed: it contains `package.json` and `examples/`. */
export const packageRoot = dirname(fileURLToPath(import.meta.resolve("sentient/package.json")));
