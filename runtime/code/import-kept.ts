import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SentientError } from "../../domain/errors.ts";
import type { Bundle } from "../../store/versions.ts";
import { boundHere, hashOf } from "./bundle.ts";

type Exported = Readonly<Record<string, unknown>>;

/**
 * Runs a bundle that was kept with a version, with all rights of this process, and returns what it exports. The same code is run once in a
 * process: versions that share it share what it has at its top level.
 *
 * @throws BAD_CONFIG if the code is not what its hash says
 */
export function importKept(bundle: Bundle): Promise<Exported> {
  const known = imported.get(bundle.hash);
  if (known !== undefined) return known;
  if (hashOf(bundle.code) !== bundle.hash)
    throw new SentientError(
      "BAD_CONFIG",
      "the code in the store is not the one whose hash the version names; restore the store's `bundles`",
    );
  const importing = importFrom(bundle).catch((error: unknown) => {
    imported.delete(bundle.hash);
    throw error;
  });
  imported.set(bundle.hash, importing);
  return importing;
}

// --- internal ---

const imported = new Map<string, Promise<Exported>>();

/** From a folder that only this user can read, made for it alone and gone once the code is loaded. */
async function importFrom(bundle: Bundle): Promise<Exported> {
  const code = await boundHere(bundle);
  const dir = await mkdtemp(join(tmpdir(), "sentient-code-"));
  try {
    const file = join(dir, `${bundle.hash}.mjs`);
    await writeFile(file, code, { mode: 0o600, flag: "wx" });
    return (await import(pathToFileURL(file).href)) as Exported;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
