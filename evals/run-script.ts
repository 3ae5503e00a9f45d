import { errorCatalogue, SentientError } from "../domain/errors.ts";

/**
 * Runs a script of `npm run …` on what was typed after its name; the exit status is what it gives back. A failure of ours is
 * one line on standard error, followed by `usage` where it is given, and its own exit status; others are thrown.
 */
export async function runScript(run: (words: readonly string[]) => number | Promise<number>, usage?: string): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
    process.stderr.write(`error: ${error.message}\n${usage === undefined ? "" : `\n${usage}`}`);
    process.exitCode = errorCatalogue[error.code].exitCode;
  }
}
