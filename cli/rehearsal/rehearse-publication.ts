import { SentientError } from "../../domain/errors.ts";
import type { Actor } from "../../operations/operation.ts";
import { SHORT } from "../../operations/rehearsals/short.ts";
import type { RehearsalLine, RehearsalView } from "../../operations/rehearsals/views.ts";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import type { OpenedStore } from "../../runtime/opened-store.ts";
import { rehearse } from "../../runtime/rehearsing/rehearse.ts";
import { packFiles } from "../../workspace/versions/version-files.ts";
import type { Io } from "../io.ts";
import { remoteRehearsals } from "../remote.ts";
import type { ServerClient } from "../server-client.ts";
import type { StoreOrServer } from "../versions.ts";
import { type OpenSide, openAgainst, sideOf } from "./open-sides.ts";
import { rehearsalLines, type Sides } from "./result-lines.ts";

/** What a dry run of a publication shows beside the files: a rehearsal, or why there is none. */
export type ShortRehearsal =
  | { readonly result: RehearsalResult; readonly names: Sides }
  /** In words, with what to do. */
  | { readonly refused: string };

/**
 * Rehearses a folder against the version in force, over a few customers, days and paths. Where that cannot be, it says why: a dry run shows the
 * rest all the same.
 */
export async function rehearsePublication(at: StoreOrServer, own: OpenSide, actor: Actor, io: Io): Promise<ShortRehearsal> {
  try {
    if ("server" in at) return await onServer(at.server, own, actor, io);
    const { store } = at;
    return await onStore(store, own, io);
  } catch (error) {
    if (error instanceof SentientError) return { refused: error.message };
    throw error;
  }
}

/** As a dry run prints it. */
export function shortRehearsalLines(rehearsed: ShortRehearsal, own: OpenSide, io: Pick<Io, "paint" | "columns">): string[] {
  if ("refused" in rehearsed) return [`no rehearsal: ${rehearsed.refused}`];
  return ["", ...rehearsalLines(rehearsed.result, rehearsed.names, io), "", `a short rehearsal; ${whole(own)}`];
}

/** As `--json` has it. */
export const shortRehearsalJson = (rehearsed: ShortRehearsal): RehearsalResult | { readonly refused: string } =>
  "refused" in rehearsed ? { refused: rehearsed.refused } : rehearsed.result;

// --- internal ---

/** How often it is looked how far a server is. */
const LOOK_MS = 300;

/** The recorded part decides all of them, under both policies: some milliseconds each. */
const MOST_SIGNALS = 20_000;

const whole = ({ name }: OpenSide): string => `the whole one: npx sentient rehearse ${name}`;

/** The server plays it; Ctrl-C cancels it there. */
async function onServer(server: ServerClient, own: OpenSide, actor: Actor, io: Io): Promise<ShortRehearsal> {
  const { rehearsals } = remoteRehearsals(server);
  const { workspace } = own.opened;
  let seen: RehearsalLine & Partial<RehearsalView> = await rehearsals.start(
    { ...SHORT, with: { files: packFiles(workspace.files) } },
    actor,
  );
  const of = { id: seen.rehearsalId };
  while (seen.status === "waiting" || seen.status === "running") {
    io.progress(`rehearsal: ${seen.progress?.text ?? "another one is played first"}`);
    if (io.isStopped()) await rehearsals.cancel(of, actor);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    seen = await rehearsals.show(of);
  }
  const { status, result, request, error } = seen;
  if (!result) return { refused: error?.message ?? `it was ${status}` };
  const names = { against: `version ${request.against.slice(0, 12)} (in force)`, with: own.name };
  // Kept with all that a result has but the customers that it names.
  const named = { ...result, forward: { ...result.forward, leftOut: [], reached: [] } } as unknown as RehearsalResult;
  return { result: named, names };
}

async function onStore(store: OpenedStore, own: OpenSide, io: Io): Promise<ShortRehearsal> {
  if ((await store.version()) === undefined) return { refused: "no version is in force to compare with" };
  const signals = await store.lastSignal();
  if (signals > MOST_SIGNALS) return { refused: `the record holds up to ${signals} signals, and all are decided anew; ${whole(own)}` };
  const against = await openAgainst(undefined, own, store, io);
  io.progress("rehearsal: reading the store");
  const { customers, ...asked } = SHORT;
  const source = await store.rehearsalSource(sideOf(against, io), { most: customers });
  const rehearsed = await rehearse(source, {
    ...{ against: sideOf(against, io), with: sideOf(own, io), ...asked },
    onProgress: (done) => io.progress(`rehearsal: ${done}`),
    isStopped: io.isStopped,
  });
  if (rehearsed.isStopped) return { refused: `stopped; done is ${rehearsed.done}` };
  return { result: rehearsed.result, names: { against: against.name, with: own.name } };
}
