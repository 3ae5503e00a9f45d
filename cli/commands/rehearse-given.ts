import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { SentientError } from "../../domain/errors.ts";
import { type Common, DONE, FAILED, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import type { Said, ToRehearse } from "../rehearsal/rehearse-apart.ts";
import { rehearseGiven } from "../rehearsal/rehearse-given.ts";

/** Plays a rehearsal that is on standard input, for a server; ends when that does. */
export async function run(where: Pick<Common, "workspace">, io: Io): Promise<number> {
  // Before there are threads, which have it from this one: a server answers meanwhile.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const say = (said: Said): void => io.out(ascii(JSON.stringify(said)));
  const lines = createInterface({ input: io.stdin });
  const given = await new Promise<ToRehearse>((resolve) => {
    lines.once("line", (line) => resolve(JSON.parse(line) as ToRehearse));
    lines.once("close", () => process.exit(FAILED));
  });
  try {
    say({ played: await rehearseGiven(given, workspaceOf(where), io, (progress) => say({ progress })) });
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
    say({ code: error.code, message: error.message });
  } finally {
    lines.removeAllListeners("close");
    lines.close();
    io.stdin.destroy();
  }
  return DONE;
}

// --- internal ---

/** Escaped, so that a terminal's care for what it prints changes no id. */
const ascii = (json: string): string => json.replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
