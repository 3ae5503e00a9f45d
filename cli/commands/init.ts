import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import { SentientError } from "../../domain/errors.ts";
import { type Common, DONE } from "../command.ts";
import type { Io } from "../io.ts";

const STARTER = join(packageRoot, "examples", "starter");

interface Init extends Pick<Common, "json"> {
  readonly dir: string;
}

export async function run({ dir, json }: Init, { out, note }: Io): Promise<number> {
  if (existsSync(dir) && !statSync(dir).isDirectory())
    throw new SentientError("BAD_INPUT", `${dir} is a file; init writes into a new or an empty folder`);
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new SentientError("BAD_INPUT", `${dir} is not empty; init writes into a new or an empty folder`);
  mkdirSync(dir, { recursive: true });
  cpSync(STARTER, dir, { recursive: true });
  if (json) out(JSON.stringify({ dir, files: readdirSync(dir) }));
  else {
    out(`A small workspace is in ${dir}.`);
    note(`Next: npx sentient check ${dir}`);
    note(`      npx sentient run ${dir}`);
  }
  return DONE;
}
