import type { Claim, Claims } from "../entities/claims.ts";
import { entryOf, isObject, type Json, withoutNulls } from "../values/json.ts";
import { joinPath, pathsAbove } from "../values/path.ts";
import type { Instant } from "../values/time.ts";

/** One entry of a patch: a value for one path, or null where the source removes it. */
export interface Patch {
  readonly path: string;
  readonly value: Json;
}

/** A patch with its provenance: source, time, and order of arrival. */
export interface Statement extends Patch {
  readonly source: string;
  readonly at: Instant;
  readonly seq: number;
}

/** Limits of a golden record: number of fields with a value, and bytes of paths, sources and values. */
export const RECORD_LIMITS = { fields: 2_000, bytes: 256 * 1024 };

/** Size of a golden record, in the units of its limits. */
export interface RecordSize {
  readonly fields: number;
  readonly bytes: number;
}

export interface Patched {
  readonly claims: Claims;
  /** Paths omitted because the record is full. */
  readonly leftOut: readonly string[];
}

/** Flattens traits to single values: lists are values, objects are walked, and an empty object states nothing. */
export function patchesOf(traits: Readonly<Record<string, unknown>>): Patch[] {
  const patches: Patch[] = [];
  const walk = (value: unknown, names: string[]) => {
    if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) if (name !== "__proto__") walk(inner, [...names, name]);
    } else if (names.length > 0) patches.push({ path: joinPath(names), value: withoutNulls(value as Json) });
  };
  walk(traits, []);
  return patches;
}

/**
 * Applies the statements of one source at one time. Older news never replaces newer news from the same source. A value replaces the
 * source's values below its path, so that an object can become a plain value.
 */
export const applyPatches = (claims: Claims, patches: readonly Patch[], by: Omit<Statement, keyof Patch>): Claims =>
  applyAll(
    claims,
    patches.map((patch) => ({ ...patch, ...by })),
  );

/** Applies statements of several sources in order. */
export function applyAll(claims: Claims, statements: readonly Statement[]): Claims {
  const record = new Patching(claims);
  for (const one of statements) record.apply(one);
  return record.claims;
}

/**
 * Applies statements within the limits of a golden record; those that would exceed them are omitted. Statements that shrink the record
 * always apply. The order of the fields does not matter.
 */
export function patchWithin(claims: Claims, patches: readonly Patch[], by: Omit<Statement, keyof Patch>): Patched {
  const all = applyPatches(claims, patches, by);
  if (isWithin(sizeOf(all))) return { claims: all, leftOut: [] };
  const record = new Patching(claims);
  const leftOut = inOrder(patches).filter((patch) => !record.applyWithin({ ...patch, ...by }));
  return { claims: record.claims, leftOut: leftOut.map(({ path }) => path) };
}

/** Drops the oldest statements until the record is within its limits. */
export function trimmed(claims: Claims): Patched {
  let { fields, bytes } = sizeOf(claims);
  if (isWithin({ fields, bytes })) return { claims, leftOut: [] };
  const next: Record<string, BySource> = { ...claims };
  const leftOut = new Set<string>();
  for (const { path, source } of oldestFirst(claims)) {
    if (isWithin({ fields, bytes })) break;
    const bySource = next[path] ?? {};
    const { [source]: _, ...others } = bySource;
    const [before, after] = [sizeOfField(path, bySource), sizeOfField(path, others)];
    fields += after.fields - before.fields;
    bytes += after.bytes - before.bytes;
    if (Object.keys(others).length > 0) next[path] = others;
    else delete next[path];
    leftOut.add(path);
  }
  return { claims: next, leftOut: [...leftOut].sort() };
}

export function sizeOf(claims: Claims): RecordSize {
  let [fields, bytes] = [0, 0];
  for (const [path, bySource] of Object.entries(claims)) {
    const size = sizeOfField(path, bySource);
    fields += size.fields;
    bytes += size.bytes;
  }
  return { fields, bytes };
}

export const isWithin = ({ fields, bytes }: RecordSize): boolean => fields <= RECORD_LIMITS.fields && bytes <= RECORD_LIMITS.bytes;

// --- internal ---

type BySource = Readonly<Record<string, Claim>>;

/** Size of the time, order and names stored with each further source's statement. */
const SOURCE_BYTES = 32;

function sizeOfField(path: string, bySource: BySource): RecordSize {
  let [fields, bytes] = [0, 0];
  for (const [source, { value }] of Object.entries(bySource)) {
    if (value !== null) fields = 1;
    bytes += (bytes > 0 ? SOURCE_BYTES : 0) + Buffer.byteLength(path) + Buffer.byteLength(source) + sizeOfValue(value);
  }
  return { fields, bytes };
}

const sizeOfValue = (value: Json): number =>
  typeof value === "string" ? Buffer.byteLength(value) + 2 : Buffer.byteLength(JSON.stringify(value));

/** Removals first, then by path: an object read from a store may have its fields in another order. */
const inOrder = (patches: readonly Patch[]): Patch[] =>
  [...patches].sort((a, b) => Number(a.value !== null) - Number(b.value !== null) || (a.path < b.path ? -1 : 1));

const oldestFirst = (claims: Claims): Statement[] =>
  Object.entries(claims)
    .flatMap(([path, bySource]) => Object.entries(bySource).map(([source, claim]) => ({ path, source, ...claim })))
    .sort((a, b) => a.at - b.at || a.seq - b.seq || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.source < b.source ? -1 : 1));

const claimOf = (claims: Claims, path: string, source: string): Claim | undefined => entryOf(entryOf(claims, path) ?? {}, source);

/** A record under patching. Indexes the paths below each path, so that every patch takes the same time. */
class Patching {
  private readonly next: Record<string, BySource>;
  private readonly below = new Map<string, Set<string>>();
  private size: RecordSize | undefined;

  constructor(claims: Claims) {
    this.next = { ...claims };
    for (const path of Object.keys(claims)) this.index(path);
  }

  get claims(): Claims {
    return this.next;
  }

  apply(statement: Statement): void {
    for (const [path, bySource] of this.effectOf(statement)) this.set(path, bySource);
  }

  /** Returns false, and applies nothing, where a limit would be exceeded. */
  applyWithin(statement: Statement): boolean {
    this.size ??= sizeOf(this.next);
    const { fields, bytes } = this.size;
    const effect = this.effectOf(statement);
    const after = { fields, bytes };
    for (const [path, bySource] of effect) {
      const [was, is] = [sizeOfField(path, entryOf(this.next, path) ?? {}), sizeOfField(path, bySource)];
      after.fields += is.fields - was.fields;
      after.bytes += is.bytes - was.bytes;
    }
    if (passes(after.fields, fields, RECORD_LIMITS.fields) || passes(after.bytes, bytes, RECORD_LIMITS.bytes)) return false;
    for (const [path, bySource] of effect) this.set(path, bySource);
    this.size = after;
    return true;
  }

  /** Effect of a statement: the affected paths with their claims afterwards. */
  private effectOf({ path, value, source, at, seq }: Statement): Map<string, BySource> {
    const effect = new Map<string, BySource>();
    if (this.newestAround(path, source) > at) return effect;
    for (const below of this.below.get(path) ?? []) {
      const { [source]: own, ...others } = entryOf(this.next, below) ?? {};
      if (own !== undefined && own.at <= at) effect.set(below, others);
    }
    return effect.set(path, { ...entryOf(this.next, path), [source]: { value, at, seq } });
  }

  private set(path: string, bySource: BySource): void {
    if (Object.keys(bySource).length === 0) {
      delete this.next[path];
      for (const above of pathsAbove(path)) this.below.get(above)?.delete(path);
      return;
    }
    if (!Object.hasOwn(this.next, path)) this.index(path);
    this.next[path] = bySource;
  }

  private index(path: string): void {
    for (const above of pathsAbove(path)) {
      const known = this.below.get(above);
      if (known) known.add(path);
      else this.below.set(above, new Set([path]));
    }
  }

  /** Time of the source's newest statement on a path or above it. */
  private newestAround(path: string, source: string): Instant {
    let newest = claimOf(this.next, path, source)?.at ?? Number.NEGATIVE_INFINITY;
    for (const above of pathsAbove(path)) {
      const claim = claimOf(this.next, above, source);
      if (claim && claim.at > newest) newest = claim.at;
    }
    return newest;
  }
}

/** Whether a limit is exceeded by more than before. */
const passes = (after: number, before: number, limit: number): boolean => after > limit && after > before;
