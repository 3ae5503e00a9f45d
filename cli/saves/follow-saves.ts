import { SentientError } from "../../domain/errors.ts";
import type { PublishedView } from "../../operations/versions/views.ts";
import type { Io } from "../io.ts";
import { shortId } from "../views/operations.ts";
import { createFolderWatch } from "./watch-folder.ts";

/**
 * Publishes a folder whenever one of its files is saved. A folder with errors leaves the version in force; its problems are printed once.
 *
 * @param publish checks the folder and puts it in force; rejects with its problems
 */
export function followSaves(
  dir: string,
  { note, warn }: Pick<Io, "note" | "warn">,
  publish: () => Promise<PublishedView>,
  startTimer: StartTimer = unrefInterval,
): { stop(): Promise<void> } {
  let told: string | undefined;
  const watch = createFolderWatch(dir, async () => {
    const published = await publish();
    told = undefined;
    if (!published.changed) return;
    for (const { file, change } of published.files) note(`${change} ${file}`);
    note(`${shortId(published.policyVersion)} is in force`);
  });
  const tell = (error: unknown): void => {
    const message = error instanceof SentientError ? error.message : String(error);
    if (message !== told) {
      const [first = "", ...problems] = message.split("\n");
      warn(`the version in force stays as it is: ${first}`);
      for (const problem of problems) note(problem);
    }
    told = message;
  };
  let looking: Promise<void> | undefined;
  const cancel = startTimer(() => {
    looking ??= watch
      .look()
      .catch(tell)
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_MS);
  return {
    async stop() {
      cancel();
      await looking;
    },
  };
}

// --- internal ---

/** A save is published when it has been still for as long. */
const LOOK_MS = 250;

/** Starts a repeating timer and returns its cancellation. Tests pass their own. */
type StartTimer = (tick: () => void, everyMs: number) => () => void;

const unrefInterval: StartTimer = (tick, everyMs) => {
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return () => clearInterval(timer);
};
