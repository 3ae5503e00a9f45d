import { statSync } from "node:fs";
import type { Decision } from "../../../domain/entities/decision.ts";
import { SentientError } from "../../../domain/errors.ts";
import type { Json } from "../../../domain/values/json.ts";
import { type Instant, iso } from "../../../domain/values/time.ts";
import type { WhatIf } from "../../../engine/considering/consider-again.ts";
import { openWorkspace } from "../../../runtime/open-workspace.ts";
import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, serverFor, withLookUps } from "../../operating.ts";
import { whatIfLines } from "../../views/comparison.ts";
import { withStore, workspaceOfStore } from "../../with-store.ts";

interface AskWhatIf extends Operate {
  readonly id: string;
  readonly set: readonly string[];
  readonly at: Instant | undefined;
  readonly policy: string | undefined;
}

/** The same decision with something changed: as it was, as it would have been, and whether that is the same. */
export async function run({ id, set, at, policy, json, ...on }: AskWhatIf, io: Io): Promise<number> {
  const facts = Object.fromEntries(set.map(factOf));
  const changed = { ...(set.length > 0 ? { set: facts } : {}), ...(at === undefined ? {} : { at: iso(at) }) };
  const dir = policy !== undefined && isFolder(policy) ? policy : undefined;
  const answer =
    dir === undefined
      ? await withLookUps(on, io, (lookUps) => lookUps.decisions.whatIf({ id, ...changed, ...(policy === undefined ? {} : { policy }) }))
      : await underFolder(dir, id, changed, on, io);
  if (json) io.out(JSON.stringify(answer));
  else for (const line of whatIfLines(answer, io)) io.out(line);
  return DONE;
}

// --- internal ---

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Under the files of a folder, which a server cannot read. */
async function underFolder(
  dir: string,
  id: string,
  changed: { readonly set?: Readonly<Record<string, Json>>; readonly at?: string },
  on: Omit<Operate, "json">,
  io: Io,
): Promise<WhatIf> {
  const other = await openWorkspace(dir, io);
  if (serverFor(on, io))
    throw new SentientError(
      "BAD_INPUT",
      `--policy ${dir}: a server does not read folders; publish it and name the version, or ask where the store is (--data, DATABASE_URL)`,
    );
  return withStore(on, io, async (store) => {
    const workspace = await workspaceOfStore(on, io, store);
    const decision: Decision = await store.lookUps(async () => workspace).decisions.show({ id });
    return store.whatIf(workspace, decision, changed, other.workspace.policy);
  });
}

/** `plan.price=10`. */
function factOf(typed: string): readonly [string, Json] {
  const at = typed.indexOf("=");
  if (at <= 0) throw new SentientError("BAD_INPUT", `--set ${typed}: expected PATH=JSON, like plan.price=10 or segment='"gold"'`);
  const [path, text] = [typed.slice(0, at), typed.slice(at + 1)];
  try {
    return [path, JSON.parse(text) as Json];
  } catch {
    throw new SentientError(
      "BAD_INPUT",
      `--set ${path}: ${text} is no JSON; expected a value like 10, true, null or '"gold"' (a text has quotes)`,
    );
  }
}
