import { idFrom } from "../../domain/entities/wake.ts";
import { SentientError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Store } from "../../store/store.ts";
import { versionOf as versionOfFiles, type WorkspaceFiles } from "../../workspace/check-files.ts";
import { problemsError } from "../../workspace/problem.ts";
import { type PackedFiles, problemsOfFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import { auditOf, type OperationDeps } from "../deps.ts";
import { type PageFrom, pagedList } from "../monitoring/paged-list.ts";
import type { Actor, List, Of, Page } from "../operation.ts";
import { find as findProposal } from "../proposals/kept-proposal.ts";
import { unverified } from "../proposals/proposed-content.ts";
import { versionOf } from "../versions/versions.ts";
import { find, lineOf, resultOf } from "./kept-rehearsal.ts";
import type { BehindView, KeptRequest, RehearsalLine, RehearsalOutcome, RehearsalView } from "./views.ts";

/** Rehearsals that servers of a store play. */
export interface RehearsalOperations {
  readonly rehearsals: {
    /** Newest first. */
    readonly list: List<Pick<Page, "limit">, "rehearsals", RehearsalLine>;
    show(rehearsal: Of): Promise<RehearsalView>;
    /** Customers behind a figure; none where nobody is named for it. */
    readonly decisions: List<CellOptions, "decisions", BehindView>;
    /**
     * Has a rehearsal played as soon as no other one is. Throws `CONFLICT` where no version is in force, `NOT_FOUND` for a version or proposal that
     * is not there, `OVERLOADED` where too many wait.
     */
    start(request: StartRequest, actor: Actor): Promise<RehearsalOutcome>;
    /** One that has ended stays as it is. */
    cancel(rehearsal: Of, actor: Actor): Promise<RehearsalOutcome>;
  };
}

export interface CellOptions extends Of, Pick<Page, "limit"> {
  readonly part: "recorded" | "forward";
  readonly cell: string;
}

export interface StartRequest {
  /** Default: the version in force. */
  readonly with?: { readonly version: string } | { readonly proposal: string } | { readonly files: PackedFiles } | undefined;
  /** Default: the version in force. */
  readonly against?: string | undefined;
  readonly days: number;
  readonly paths: number;
  readonly customers: number;
  readonly seed: string;
  readonly by?: string | undefined;
  readonly backtest?: number | undefined;
}

export interface RehearsalDeps extends Pick<OperationDeps, "now"> {
  readonly store: Store;
  readonly newId: () => string;
  /** Called when one was added or cancelled: this process may have something to do. */
  readonly onChanged: () => void;
}

export function rehearsalOperations(deps: RehearsalDeps): RehearsalOperations["rehearsals"] {
  const { store } = deps;
  const { rehearsals } = store;
  return {
    list: pagedList(store, "rehearsals", {
      read: async ({ limit }: Pick<Page, "limit">, page) => ({
        rows: await rehearsals.list({ limit, before: (page as PageFrom<number>)?.after }),
      }),
      place: ({ seq }) => seq,
      show: (rows) => rows.map(lineOf),
    }),
    async show({ id }) {
      const kept = await find(id, deps);
      const result = await resultOf(kept.rehearsalId, store);
      return { ...lineOf(kept), ...(result ? { result } : {}) };
    },
    decisions: pagedList(store, "decisions", {
      async read({ id, part, cell, limit }: CellOptions, page) {
        const { rehearsalId } = await find(id, deps);
        return { rows: await rehearsals.rows(rehearsalId, { part, cell }, { limit, after: (page as PageFrom<number>)?.after }) };
      },
      place: ({ place }) => place,
      // Kept as `BehindView` without its customer.
      show: (rows) => rows.map(({ customerId, row }) => ({ customerId, ...(row as unknown as Omit<BehindView, "customerId">) })),
    }),
    start: (request, actor) => start(request, actor, deps),
    async cancel({ id }, actor) {
      const { rehearsalId } = await find(id, deps);
      const entry = auditOf(deps, actor, { action: "rehearsal_cancelled", target: rehearsalId, details: unverified(actor) });
      const changed = await rehearsals.cancel(rehearsalId, deps.now(), entry);
      if (changed) deps.onChanged();
      return { ...lineOf(await find(rehearsalId, deps)), changed };
    },
  };
}

// --- internal ---

/** More than these that wait are hours of work. */
const MOST_WAITING = 10;

async function start({ with: asked, against, ...given }: StartRequest, actor: Actor, deps: RehearsalDeps): Promise<RehearsalOutcome> {
  const inForce = await deps.store.versions.inForce();
  if (inForce === undefined)
    throw new SentientError("CONFLICT", "no version is in force that could be rehearsed; publish a folder first: npx sentient publish DIR");
  const { days, paths, customers, seed, by, backtest } = given;
  const request: KeptRequest = {
    with: await sideOf(asked, inForce, deps),
    against: against === undefined ? inForce : await versionOf(against, deps, "against: "),
    ...{ days, paths, customers, seed },
    ...(by === undefined ? {} : { by }),
    ...(backtest === undefined ? {} : { backtest }),
  };
  const rehearsalId = idFrom("reh", deps.newId());
  const details = { ...ofSide(request.with), against: request.against, ...unverified(actor) };
  const kept = await deps.store.rehearsals.add(
    {
      ...{ rehearsalId, by: actor.by, at: deps.now(), request: request as unknown as JsonObject },
      ...(asked && "files" in asked ? { files: asked.files as JsonObject } : {}),
    },
    auditOf(deps, actor, { action: "rehearsal_started", target: rehearsalId, details }),
    MOST_WAITING,
  );
  if (!kept)
    throw new SentientError("OVERLOADED", `${MOST_WAITING} rehearsals wait, and one is played at a time; cancel one, or try again later`, {
      retryAfterSeconds: 60,
    });
  deps.onChanged();
  return { ...lineOf(kept), changed: true };
}

async function sideOf(asked: StartRequest["with"], inForce: string, deps: RehearsalDeps): Promise<KeptRequest["with"]> {
  if (asked === undefined) return { version: inForce };
  if ("version" in asked) return { version: await versionOf(asked.version, deps, "with: ") };
  if ("files" in asked) return { version: versionOfFiles(sound(unpackFiles(asked.files))), folder: true };
  const { proposalId, hash, experienceId } = await findProposal(asked.proposal, deps);
  return { version: inForce, proposal: proposalId, hash, experienceId };
}

function sound(files: WorkspaceFiles): WorkspaceFiles {
  const problems = problemsOfFiles(files);
  if (problems.length > 0) throw problemsError(problems, "BAD_INPUT", "the files");
  return files;
}

const ofSide = (side: KeptRequest["with"]): JsonObject =>
  "proposal" in side ? { with: side.version, proposal: side.proposal, hash: side.hash } : { with: side.version };
