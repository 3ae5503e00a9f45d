import { closeSync } from "node:fs";
import { isatty } from "node:tty";
import { errorCatalogue, SentientError } from "../domain/errors.ts";
import { terminalSafe } from "../domain/values/terminal-safe.ts";
import { SECOND } from "../domain/values/time.ts";
import { type Entry, INTERRUPTED } from "./command.ts";
import { createIo, type Io } from "./io.ts";
import { type Read, readArguments } from "./read-arguments.ts";

/** Runs a command line and returns the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  const isDebug = words.includes("--debug");
  const stop = watchInterrupts();
  try {
    const read = readArguments(words);
    return await runCommand(read, createIo({ quiet: read.typed.quiet, isStopped: stop.isStopped }));
  } catch (error) {
    return tell(error, isDebug);
  } finally {
    stop.unwatch();
  }
}

/** Loads and runs the file of one command, and no other. Returns the exit status. */
export async function runCommand({ entry, typed }: Read, io: Io): Promise<number> {
  const { run } = await entry.load();
  // The declaration's type guarantees that the command reads what is declared.
  return run(typed as Parameters<Awaited<ReturnType<Entry["load"]>>["run"]>[0], io);
}

// --- internal ---

/** Prints the error and what to do about it; the stack only on request. */
function tell(error: unknown, isDebug: boolean): number {
  const known = error instanceof SentientError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const lines = known?.details.isList === true ? message.split("\n") : [message];
  const text = lines.map(terminalSafe).join("\n");
  process.stderr.write(`error: ${known ? text : `something unexpected happened: ${text}; --debug shows where`}\n`);
  if (isDebug && error instanceof Error)
    process.stderr.write(`${stackOf(error)}\n${error.cause instanceof Error ? `caused by: ${stackOf(error.cause)}\n` : ""}`);
  return known ? errorCatalogue[known.code].exitCode : 1;
}

/** The stack of an error; its message, which may quote third-party text, stays on one line. */
const stackOf = ({ stack = "", message }: Error): string =>
  stack
    .replace(message, () => terminalSafe(message))
    .split("\n")
    .map(terminalSafe)
    .join("\n");

/**
 * The first Ctrl-C requests a graceful stop; the second ends the process. A terminal that goes away requests the same: it is told more than
 * once, by the shell and by the system, and nobody is there to ask again, so that it ends the process only where that does not stop by itself.
 */
function watchInterrupts(): { isStopped: () => boolean; unwatch: () => void } {
  let [stopped, hungUp] = [false, false];
  const stop = () => {
    stopped = true;
    // A command blocked on standard input would wait for ever.
    process.stdin.destroy();
  };
  const interrupt = () => {
    if (stopped) process.exit(INTERRUPTED);
    process.stderr.write("\nfinishing the work in progress; press Ctrl-C again to stop at once\n");
    stop();
  };
  const hangUp = () => {
    if (!hungUp) setTimeout(() => process.exit(HUNG_UP), HANG_UP_MS).unref();
    hungUp = true;
    stop();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGHUP", hangUp);
  if (terminals.length > 0 && !process.listeners("exit").includes(leaveGoneTerminals)) process.on("exit", leaveGoneTerminals);
  return {
    isStopped: () => stopped,
    unwatch() {
      process.off("SIGINT", interrupt);
      process.off("SIGHUP", hangUp);
    },
  };
}

/** Longer than a service takes to stop. */
const HANG_UP_MS = 30 * SECOND;

/** As a shell tells a process that a hangup has ended. */
const HUNG_UP = 129;

/** Those of standard input, output and error that were one when this process started. */
const terminals = [0, 1, 2].filter((one) => isatty(one));

/** Node puts a terminal back when it ends, and aborts where that is gone. */
function leaveGoneTerminals(): void {
  for (const one of terminals) if (!isatty(one)) closeSync(one);
}
