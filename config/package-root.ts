import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the folder of this package, in a clone or installed: it contains `package.json` and `examples/`. */
export const packageRoot = dirname(fileURLToPath(import.meta.resolve("sentient/package.json")));

/** The built pages of the console; `npm run console` makes them in a clone, the package has them. */
export const consoleFolder = join(packageRoot, "console", "dist");

/** Version of this package. */
export const ownVersion = (): string => JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")).version;
