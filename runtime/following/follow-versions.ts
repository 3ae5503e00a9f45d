import { every, type StartTimer } from "../../concurrency/periodic.ts";
import type { ReplacedByCanaries } from "../../domain/entities/canary.ts";
import { SentientError } from "../../domain/errors.ts";
import { SECOND } from "../../domain/values/time.ts";
import type { Store, VersionInForce } from "../../store/store.ts";
import { errorFields, type Log } from "../../telemetry/log.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { type PackedFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import type { Compiled, Editions } from "./editions.ts";

/** Why a process cannot run a version: which variable, code or key it lacks. */
export interface Lacking {
  readonly lacks: string;
}

/** How a process follows the version in force of its store. */
export interface Following {
  readonly log: Log;
  /** Receives failures of the store; the next look tries again. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Called with the open store before the version in force is read: it may publish one. */
  readonly before?: (store: Store) => Promise<void>;
  /** Compiles files of a version with the variables and the code of this process, and what stays beside its canaries. */
  readonly compile: (files: WorkspaceFiles, replaced?: ReplacedByCanaries) => Promise<Compiled | Lacking>;
  readonly startTimer?: StartTimer | undefined;
}

export interface Follower {
  /** Looks which version is in force, and follows it. Resolves when it is decided by here, or cannot be. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Decides by the version in force of a store, and follows it: one row is read every second, never for a decision. A store without a version
 * is decided by the one that is given.
 */
export async function followVersions(store: Store, editions: Editions, given: Compiled, following: Following): Promise<Follower> {
  const {
    log,
    before,
    startTimer,
    onError = (error) => log.warn("the version in force could not be read", errorFields(error)),
  } = following;
  await before?.(store);
  const follower = new Looking(store, editions, given, following);
  await follower.look();
  const polling = every({ everyMs: SECOND, run: () => follower.look(), onError, ...(startTimer ? { startTimer } : {}) });
  polling.start();
  return { look: () => follower.look(), stop: () => polling.stop() };
}

// --- internal ---

/** Beside the canaries of a folder nothing stays: it does not know what came before it. */
const NOTHING = "{}";

/** Rest after a version could not be connected: what its channels connect to may be away for a while. */
const RETRY_MS = 10 * SECOND;

class Looking {
  private readonly store: Store;
  private readonly editions: Editions;
  private readonly given: Compiled;
  private readonly following: Following;
  private looking: Promise<void> = Promise.resolve();
  private hasBegun = false;
  /** The publication that was followed, or that this process cannot run. */
  private done: number | undefined;
  /** What stays beside the canaries of the edition that is decided by. */
  private replaced = NOTHING;
  private failed: { readonly seq: number; readonly at: number } | undefined;

  constructor(store: Store, editions: Editions, given: Compiled, following: Following) {
    this.store = store;
    this.editions = editions;
    this.given = given;
    this.following = following;
  }

  /** One after the other: a look that began before a publication may not see it. */
  look(): Promise<void> {
    const looked = this.looking.then(() => this.once());
    this.looking = looked.catch(() => {});
    return looked;
  }

  private async once(): Promise<void> {
    const latest = await this.store.versions.latest();
    if (this.hasBegun && (!latest || latest.seq === this.done || this.isResting(latest))) return;
    const replaced = latest ? await this.store.versions.replaced(latest.policyVersion) : {};
    const isAsGiven = JSON.stringify(replaced) === this.replaced;
    if (!this.hasBegun) await this.begin(latest === undefined || (latest.policyVersion === this.given.policy.version && isAsGiven));
    if (!latest) return;
    // A version that is in force again may follow another one, so that another experience stays beside a canary.
    if (latest.policyVersion === this.editions.current().policy.version && isAsGiven) this.followed(latest);
    else await this.follow(latest, replaced);
  }

  /** A process begins by the folder that it was given where that is in force, or nothing is; otherwise it only reads by it until it has followed. */
  private async begin(isInForce: boolean): Promise<void> {
    await this.editions.offer(this.given, !isInForce);
    this.hasBegun = true;
  }

  private isResting({ seq }: VersionInForce): boolean {
    return this.failed?.seq === seq && performance.now() - this.failed.at < RETRY_MS;
  }

  private followed({ seq }: VersionInForce): void {
    this.editions.goOn();
    this.done = seq;
  }

  private async follow(latest: VersionInForce, replaced: ReplacedByCanaries): Promise<void> {
    const { log, compile } = this.following;
    const { policyVersion, seq } = latest;
    const files = unpackFiles(((await this.store.versions.files(policyVersion)) ?? {}) as PackedFiles); // written by `packFiles`
    try {
      const compiled = await compile(files, replaced);
      if ("lacks" in compiled) return this.cannot(latest, compiled.lacks);
      await this.editions.offer(compiled);
      this.done = seq;
      this.replaced = JSON.stringify(replaced);
      for (const told of compiled.doNotStay ?? []) log.warn(told, { policyVersion });
      log.info("another version of the workspace is in force", { policyVersion });
    } catch (error) {
      // What it lacks is there after a restart, and not before.
      if (error instanceof SentientError && error.code === "BAD_CONFIG") return this.cannot(latest, error.message);
      this.failed = { seq, at: performance.now() };
      this.editions.stop(`${named(latest)} could not be put to work: ${error instanceof Error ? error.message : String(error)}`);
      log.error("a version could not be put to work; it is tried again", { policyVersion, ...errorFields(error) });
    }
  }

  private cannot(latest: VersionInForce, lacks: string): void {
    const { policyVersion, seq } = latest;
    this.done = seq;
    this.editions.stop(`${named(latest)} cannot be run by this process: ${lacks}`);
    this.following.log.error("the version in force cannot be run by this process; it decides nothing", { policyVersion, lacks });
  }
}

const named = ({ policyVersion }: VersionInForce): string => `version ${policyVersion.slice(0, 12)} of the workspace is in force and`;
