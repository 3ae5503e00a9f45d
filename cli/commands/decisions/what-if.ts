import { statSync } from "node:fs";
import type { Decision } from "../../../domain/entities/decision.ts";
import { SentientError } from "../../../domain/errors.ts";
import type { Json } from "../../../domain/values/json.ts";
import { type Instant, iso } from "../../../domain/values/time.ts";
import type { WhatIf } from "../../../engine/considering/consider-again.ts";
import type { GoldenCase } from "../../../engine/considering/golden-case.ts";
import { checkKeepFile, withCase } from "../../../evals/keep-case.ts";
import { openWorkspace } from "../../../runtime/open-workspace.ts";
import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, serverFor, withLookUps } from "../../operating.ts";
import { writeForOwner } from "../../owner-file.ts";
import { whatIfLines } from "../../views/comparison.ts";
import { withStore, workspaceOfStore } from "../../with-store.ts";

interface AskWhatIf extends Operate {
  readonly id: string;
  readonly set: readonly string[];
  readonly at: Instant | undefined;
  readonly policy: string | undefined;
  readonly keep: string | undefined;
  readonly personal: boolean;
}

/** The same decision with something changed: as it was, as it would have been, and whether that is the same. */
export async function run({ id, policy, json, ...given }: AskWhatIf, io: Io): Promise<number> {
  const { set: _set, at: _at, keep, personal, ...on } = given;
  if (keep !== undefined) checkKeepFile(keep);
  else if (personal) throw new SentientError("BAD_INPUT", "--personal belongs to --keep FILE");
  const changed = changedBy(given);
  const dir = policy !== undefined && isFolder(policy) ? policy : undefined;
  const answer =
    dir === undefined
      ? await withLookUps(on, io, (lookUps) => lookUps.decisions.whatIf({ id, ...changed, ...(policy === undefined ? {} : { policy }) }))
      : await underFolder(dir, id, changed, on, io);
  if (json) io.out(JSON.stringify(answer));
  else for (const line of whatIfLines(answer, io)) io.out(line);
  if (keep !== undefined && answer.golden) keepIn(keep, answer.golden, personal, io);
  return DONE;
}

// --- internal ---

function keepIn(file: string, golden: GoldenCase, isPersonal: boolean, io: Io): void {
  writeForOwner(file, withCase(file, golden));
  io.note(`kept in ${file} as: ${golden.name}; ${isPersonal ? "it holds personal data" : "names, addresses and texts are masked"}`);
}

interface Changes {
  readonly set?: Readonly<Record<string, Json>>;
  readonly at?: string;
  readonly keep?: "masked" | "personal";
}

const changedBy = ({ set, at, keep, personal }: Pick<AskWhatIf, "set" | "at" | "keep" | "personal">): Changes => ({
  ...(set.length > 0 ? { set: Object.fromEntries(set.map(factOf)) } : {}),
  ...(at === undefined ? {} : { at: iso(at) }),
  ...(keep === undefined ? {} : { keep: personal ? "personal" : "masked" }),
});

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Under the files of a folder, which a server cannot read. */
async function underFolder(dir: string, id: string, changed: Changes, on: Omit<Operate, "json">, io: Io): Promise<WhatIf> {
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
