import { readConfig } from "../../config/config.ts";
import { SentientError } from "../../domain/errors.ts";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import { differencesInWords, readShare } from "../../rehearsal/results/words.ts";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import type { OpenedStore } from "../../runtime/opened-store.ts";
import { type Rehearsed, rehearse } from "../../runtime/rehearsing/rehearse.ts";
import type { Source } from "../../runtime/rehearsing/source.ts";
import { sourceOfFiles } from "../../runtime/rehearsing/source-of-files.ts";
import { type Common, DONE, FAILED, INTERRUPTED, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { type OpenSide, openAgainst, sideOf } from "../rehearsal/open-sides.ts";
import { rehearsalLines } from "../rehearsal/result-lines.ts";
import { HTML_FILE, JSON_FILE, prepareReport, writeReport } from "../rehearsal/write-report.ts";
import { withStore } from "../with-store.ts";

interface Rehearse extends Pick<Common, "workspace" | "json"> {
  readonly dir: string | undefined;
  readonly against: string | undefined;
  readonly data: string | undefined;
  readonly days: number;
  readonly customers: number | undefined;
  readonly paths: number;
  readonly seed: string | undefined;
  readonly by: string | undefined;
  readonly backtest: string | undefined;
  readonly report: string | undefined;
}

/** Two policies on the same futures: what differs, what it would cost, whom it would leave out. */
export async function run({ against, data, report, json, ...asked }: Rehearse, io: Io): Promise<number> {
  const backtest = asked.backtest === undefined ? undefined : shareIn(asked.backtest);
  const dir = workspaceOf(asked);
  const own: OpenSide = { opened: await openWorkspace(dir, io), name: dir };
  if (report !== undefined) prepareReport(report);
  const sides = (other: OpenSide): Sides => ({ against: other, with: own });
  const hasStore = data !== undefined || readConfig(io.environment).databaseUrl !== undefined;
  const play = async (store: OpenedStore | undefined): Promise<number> => {
    const both = sides(await openAgainst(against, own, store, io));
    const source = await (store ? fromStore(store, both, asked, io) : fromFiles(both, asked, io));
    if (!source) return stopped("nothing: the files were being played", io);
    tellSample(source, io);
    const rehearsed = await rehearse(source, {
      ...{ against: sideOf(both.against, io), with: sideOf(both.with, io) },
      ...{ days: asked.days, paths: asked.paths, seed: asked.seed ?? "sentient", by: asked.by, backtest },
      onProgress: io.progress,
      isStopped: io.isStopped,
    });
    return tell(rehearsed, both, { report, isJson: json }, io);
  };
  return hasStore ? withStore({ data }, io, play) : play(undefined);
}

// --- internal ---

interface Sides {
  readonly against: OpenSide;
  readonly with: OpenSide;
}

/** The most customers that are rehearsed unless more are asked for: a month of them is played in minutes. */
const MOST_CUSTOMERS = 20_000;

const fromStore = (store: OpenedStore, { against }: Sides, { customers = MOST_CUSTOMERS }: Pick<Rehearse, "customers">, io: Io) => {
  io.progress("reading the store");
  return store.rehearsalSource(sideOf(against, io), { most: customers });
};

/** What led to the present is the policy that is compared with: it plays the files of the folder. */
const fromFiles = (
  { against, with: own }: Sides,
  { customers = MOST_CUSTOMERS }: Pick<Rehearse, "customers">,
  io: Io,
): Promise<Source | undefined> =>
  sourceOfFiles(own.opened.workspace, sideOf(against, io), {
    ...{ most: customers, isStopped: io.isStopped, counted: own.opened.workspace.policy.counted },
    onProgress: (signals) => io.progress(`files: ${signals} signals`),
    onWarning: io.warn,
  });

function tellSample({ customers, history: { population } }: Source, { note }: Io): void {
  if (customers.length < population)
    note(`a sample of ${customers.length} of ${population} customers is rehearsed, and figures are theirs (--customers N)`);
}

function tell(
  rehearsed: Rehearsed,
  sides: Sides,
  { report, isJson }: { readonly report: string | undefined; readonly isJson: boolean },
  io: Io,
): number {
  const names = { against: sides.against.name, with: sides.with.name };
  if (rehearsed.isStopped) {
    const status = stopped(rehearsed.done, io);
    if (rehearsed.result && !isJson) print(rehearsed.result, names, io);
    return status;
  }
  const { result } = rehearsed;
  for (const line of differencesInWords(result.policies.differ)) io.note(line);
  const title = sides.with.opened.workspace.policy.name;
  const unwritten = report === undefined ? undefined : writeReport(report, result, { title, ...names });
  if (isJson) io.out(JSON.stringify(result));
  else print(result, names, io);
  if (unwritten !== undefined) {
    io.warn(`${io.paint.red("✗")} the report cannot be written to ${report}: ${unwritten}`);
    return FAILED;
  }
  if (report !== undefined) io.note(`${JSON_FILE} and ${HTML_FILE} are in ${report}; they name customers`);
  return DONE;
}

function print(result: RehearsalResult, names: { readonly against: string; readonly with: string }, io: Io): void {
  for (const line of rehearsalLines(result, names, io)) io.out(line);
}

function stopped(done: string, { warn }: Io): number {
  warn(`stopped; done is ${done}`);
  return INTERRUPTED;
}

/** A share as people write it: `0.3` or `30%`. */
function shareIn(text: string): number {
  const share = readShare(text);
  if (share !== undefined && share > 0 && share < 1) return share;
  throw new SentientError("BAD_INPUT", `--backtest ${text}: expected a share above 0 and below 1, such as 0.3 or 30%`);
}
