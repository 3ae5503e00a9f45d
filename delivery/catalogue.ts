import type { ToolDeps } from "./tool-deps.ts";

/**
 * What a process decides and carries out by: one version of the workspace, compiled, until it follows to the next. What has begun under a
 * version ends under it, so no lock is needed: it is read once when a batch, an ask, a job or a request begins, and passed on.
 */
export interface Catalogue<Deps = ToolDeps> {
  /** The version for what begins now. */
  current(): Deps;
  /** Begins work under the current version. The channels of that version stay open until it is done. */
  using<T>(work: (deps: Deps) => Promise<T>): Promise<T>;
  /**
   * Why nothing is decided here, in words for an operator: the version in force cannot be run by this process. `current` is the last one that
   * can, for what only reads.
   */
  whyNot(): string | undefined;
}

/** A catalogue that never changes, as of a recorded stream. */
export const fixedCatalogue = <Deps>(deps: Deps): Catalogue<Deps> => ({
  current: () => deps,
  using: (work) => work(deps),
  whyNot: () => undefined,
});
