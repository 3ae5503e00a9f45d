import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package, a clone or what npm has unpacked: `package.json` and `examples/` lie in it. Absolute. */
export const packageRoot = dirname(fileURLToPath(import.meta.resolve("sentient/package.json")));
