import type { ReplacedByCanaries } from "../../domain/entities/canary.ts";
import { SentientError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { Bundle, Publication, Store } from "../../store/store.ts";
import { doNotStay, replacedAfter, replacedIn } from "../../workspace/canaries/replaced.ts";
import type { CheckedFiles, WorkspaceFiles } from "../../workspace/check-files.ts";
import { problemsError } from "../../workspace/problem.ts";
import { compareFiles } from "../../workspace/versions/compare-files.ts";
import { withMaskedOptions } from "../../workspace/versions/mask-options.ts";
import { hasSameCode, isCode, type PackedFiles, packFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import { auditOf, type OperationDeps } from "../deps.ts";
import { type PageFrom, pagedList } from "../monitoring/paged-list.ts";
import type { Actor, List, Of, Page } from "../operation.ts";
import type { DecidedByView, DifferenceView, PublishedView, ShownVersion, VersionFilesView, VersionView } from "./views.ts";

/** Versions of the workspace. A version is named by its `policyVersion`, or by a beginning of 8 at least. */
export interface VersionOperations {
  readonly versions: {
    /** Publications, newest first. */
    readonly list: List<Pick<Page, "limit">, "versions", VersionView>;
    /** With its files; options of channels are masked. */
    show(version: Of): Promise<ShownVersion>;
    files(version: Of): Promise<VersionFilesView>;
    /** What a version has otherwise than `from`, by default the one in force. Throws `NOT_FOUND` where nothing is in force. */
    diff(versions: Of & { readonly from?: string | undefined }): Promise<DifferenceView>;
    /** Living processes that decide, by version. */
    processes(options?: object): Promise<DecidedByView[]>;
    /**
     * Puts files in force. Throws `CONFLICT` with the files that it would undo where another version is in force than `over`; with `force`
     * it does it. A version that is kept already is put in force again.
     */
    publish(request: PublishRequest, actor: Actor): Promise<PublishedView>;
    /** Puts a kept version in force again, whichever is in force. */
    restore(version: Of, actor: Actor): Promise<PublishedView>;
  };
}

export interface PublishRequest {
  readonly files: PackedFiles;
  /** The version that the files came from. */
  readonly over?: string | undefined;
  readonly force?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly from?: string | undefined;
}

export interface VersionDeps extends Pick<OperationDeps, "now"> {
  readonly store: Store;
  /** Checks and compiles files with the environment and the code of this process. */
  readonly compile: (files: WorkspaceFiles, replaced?: ReplacedByCanaries) => CheckedFiles;
  /** Whether tools and channels may change: they are code, which a request must not bring. */
  readonly takesCode: boolean;
  /** Bundles the code of the files that are published; without it, a version has bundles only where the one in force has the same code. */
  readonly bundle?: (() => Promise<readonly Bundle[]>) | undefined;
}

export function versionOperations(deps: VersionDeps): VersionOperations["versions"] {
  const { versions } = deps.store;
  return {
    list: pagedList(deps.store, "versions", {
      read: async ({ limit }: Pick<Page, "limit">, page) => ({
        rows: await versions.list({ limit, before: (page as PageFrom<number>)?.after }),
      }),
      place: ({ seq }) => seq,
      show: (rows) => rows.map(versionView),
    }),
    async show({ id }) {
      const { policyVersion, files } = await read(id, deps);
      const [last, bundles] = [await versions.lastOf(policyVersion), await versions.bundleHashes(policyVersion)];
      if (!last) throw unknown(id);
      return { ...versionView(last), files: packFiles(withMaskedOptions(files)), ...(bundles ? { bundles } : {}) };
    },
    async files({ id }) {
      const { policyVersion, files } = await read(id, deps);
      return { policyVersion, files: packFiles(files), replaced: await versions.replaced(policyVersion) };
    },
    async diff({ id, from }) {
      const base = from ?? (await versions.inForce());
      if (base === undefined) throw new SentientError("NOT_FOUND", "no version is in force; name the one to compare with: from");
      const [before, after] = [await read(base, deps), await read(id, deps)];
      return {
        ...{ from: before.policyVersion, to: after.policyVersion },
        files: compareFiles(withMaskedOptions(before.files), withMaskedOptions(after.files)),
      };
    },
    processes: async () => [...(await deps.store.processes.versions())],
    async publish({ files: packed, over, ...request }, actor) {
      const files = unpackFiles(packed);
      const checked = deps.compile(files);
      if (!checked.ok) throw problemsError(checked.problems, "BAD_INPUT");
      const base = over === undefined ? undefined : await versionOf(over, deps);
      return put(
        { policyVersion: checked.policy.version, files, bundles: await deps.bundle?.() },
        { ...request, base, isChecked: true },
        actor,
        deps,
      );
    },
    async restore({ id }, actor) {
      const version = await read(id, deps);
      return put(version, { force: true, from: ROLL_BACK }, actor, deps);
    },
  };
}

/**
 * The whole name of a version.
 *
 * @param where what an error says before its text, like `policy: `
 * @throws `BAD_INPUT` for a beginning that is too short, or of several; `NOT_FOUND`
 */
export async function versionOf(id: string, { store }: Pick<VersionDeps, "store">, where = ""): Promise<string> {
  if (id.length < LEAST_BEGINNING)
    throw new SentientError("BAD_INPUT", `${where}expected a version, or at least ${LEAST_BEGINNING} characters of one`);
  const [first, second] = await store.versions.beginningWith(id, 2);
  if (first === undefined) throw unknown(id, where);
  if (second !== undefined && first !== id)
    throw new SentientError("BAD_INPUT", `${where}several versions begin with ${id}; give more of it`);
  return first;
}

// --- internal ---

const ROLL_BACK = "roll-back";

interface Version {
  readonly policyVersion: string;
  readonly files: WorkspaceFiles;
  readonly bundles?: readonly Bundle[] | undefined;
}

const versionView = ({ policyVersion, at, by, note, from, inForce }: Publication): VersionView => ({
  ...{ policyVersion, at: iso(at), by },
  ...(note === undefined ? {} : { note }),
  ...{ from, inForce },
});

const unknown = (id: string, where = ""): SentientError =>
  new SentientError("NOT_FOUND", `${where}no version ${id} in the store; npx sentient versions list shows them`);

const LEAST_BEGINNING = 8;

async function read(id: string, deps: VersionDeps): Promise<Version> {
  const policyVersion = await versionOf(id, deps);
  return { policyVersion, files: await filesOf(policyVersion, deps) };
}

/** None of a version that is not kept. */
const filesOf = async (policyVersion: string | undefined, { store }: VersionDeps): Promise<WorkspaceFiles> =>
  unpackFiles(((policyVersion === undefined ? undefined : await store.versions.files(policyVersion)) ?? {}) as PackedFiles); // written by `packFiles`

interface Put extends Pick<PublishRequest, "force" | "dryRun" | "from"> {
  /** The version that the files came from. */
  readonly base?: string | undefined;
  /** Whether its files were compiled here, so that they can be again. */
  readonly isChecked?: true;
}

async function put(version: Version, how: Put, actor: Actor, deps: VersionDeps): Promise<PublishedView> {
  const { policyVersion, files, bundles } = version;
  const inForce = await deps.store.versions.inForce();
  const before = await filesOf(inForce, deps);
  if (!deps.takesCode && !hasSameCode(before, files)) throw codeDiffers(before, files);
  const changes = compareFiles(before, files).map(({ file, change }) => ({ file, change }));
  const told = how.isChecked && (await notStaying(files, before, inForce, deps));
  if (how.dryRun === true) {
    if (inForce !== policyVersion && !mayReplace(inForce, how)) throw await undoing(files, inForce, how, deps);
    return { policyVersion, changed: false, ...named(inForce), files: changes, dryRun: true, ...told };
  }
  const codeOf = hasSameCode(before, files) ? inForce : undefined;
  const published = await record(version, { ...how, inForce, codeOf }, actor, deps);
  if (!published.changed && published.before !== policyVersion) throw await undoing(files, published.before, how, deps);
  const others = bundles ? await otherBundles(policyVersion, bundles, deps) : [];
  return {
    ...{ policyVersion, changed: published.changed, ...named(published.before), files: changes },
    ...(others.length > 0 ? { otherBundles: others } : {}),
    ...told,
  };
}

/** What its canaries replace and cannot stay beside them. */
async function notStaying(
  files: WorkspaceFiles,
  before: WorkspaceFiles,
  inForce: string | undefined,
  { store, compile }: VersionDeps,
): Promise<Pick<PublishedView, "notStaying">> {
  const replaced = inForce === undefined ? {} : await store.versions.replaced(inForce);
  const found = replacedIn(files, inForce === undefined ? undefined : { policyVersion: inForce, files: before, replaced });
  const notes = Object.keys(found).length === 0 ? [] : doNotStay(compile(files, found));
  return notes.length > 0 ? { notStaying: notes } : {};
}

/** The files of which a version had another bundle already, which it keeps. */
async function otherBundles(policyVersion: string, bundles: readonly Bundle[], { store }: VersionDeps): Promise<string[]> {
  const kept = await store.versions.bundleHashes(policyVersion);
  return bundles.filter(({ file, hash }) => kept?.[file] !== hash).map(({ file }) => file);
}

const named = (before: string | undefined): Pick<PublishedView, "before"> => (before === undefined ? {} : { before });

const mayReplace = (inForce: string | undefined, { force, base }: Put): boolean =>
  force === true || inForce === undefined || inForce === base;

/** Records a publication with its line in the audit. */
function record(
  { policyVersion, files, bundles }: Version,
  { from = "HTTP", inForce, codeOf, ...how }: Put & { readonly inForce: string | undefined; readonly codeOf: string | undefined },
  actor: Actor,
  deps: VersionDeps,
) {
  const publication = { policyVersion, at: deps.now(), by: actor.by, from, files: packFiles(files) as JsonObject };
  const details: JsonObject = { from, ...(inForce === undefined ? {} : { before: inForce }) };
  return deps.store.versions.publish(
    {
      ...publication,
      codeOf,
      replacedIn: replacedAfter(files),
      ...(bundles ? { bundles } : {}),
      ...(actor.note === undefined ? {} : { note: actor.note }),
    },
    auditOf(deps, actor, { action: from === ROLL_BACK ? "restored" : "published", target: policyVersion, details }),
    (current) => mayReplace(current, how),
  );
}

/** Another version is in force than the files came from: what was published since, and they lack. */
async function undoing(files: WorkspaceFiles, inForce: string | undefined, { base }: Put, deps: VersionDeps): Promise<SentientError> {
  const current = await filesOf(inForce, deps);
  const since = base === undefined ? current : await filesOf(base, deps);
  const changed = base === undefined ? undefined : new Set(compareFiles(since, current).map(({ file }) => file));
  const undone = compareFiles(current, files).filter(({ file }) => changed?.has(file) ?? true);
  const came = base === undefined ? "it is not known which version these files came from" : `these files came from ${short(base)}`;
  return new SentientError(
    "CONFLICT",
    `${short(inForce)} is in force, and ${came}: publishing them would undo ${undone.map(({ file }) => file).join(", ") || "nothing"}. ` +
      `Bring that in (npx sentient versions diff) and name it with --over ${short(inForce)}, or undo it with --force`,
    { reason: "not_over" },
  );
}

function codeDiffers(before: WorkspaceFiles, files: WorkspaceFiles): SentientError {
  const changed = compareFiles(before, files).filter(({ file }) => isCode(file));
  return new SentientError(
    "CONFLICT",
    `${changed.map(({ file }) => file).join(", ")}: tools and channels are code, which is not taken from a request; publish them where the store is, with DATABASE_URL or --data`,
    { reason: "code_differs" },
  );
}

const short = (policyVersion: string | undefined): string => (policyVersion ?? "").slice(0, 12);
