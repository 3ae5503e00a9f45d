import { errorCatalogue, SentientError } from "../domain/errors.ts";

/**
 * Runs a script of `npm run …` with its arguments; its result is the exit status. A SentientError is printed as one line on standard error,
 * followed by `usage` if given, with its own exit status; other errors are thrown.
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
