import type { Claim, Claims } from "../entities/claims.ts";
import { entryOf, isObject, type Json, withoutNulls } from "../values/json.ts";
import { joinPath, pathsAbove } from "../values/path.ts";
import type { Instant } from "../values/time.ts";

/** One entry of a patch: a value for one path, or null where the source says there is none. */
export interface Patch {
  readonly path: string;
  readonly value: Json;
}

/** A patch with who says it, when, and in which order it arrived. */
export interface Said extends Patch {
  readonly source: string;
  readonly at: Instant;
  readonly seq: number;
}

/** A golden record at most: fields that have a value, and bytes of their paths, sources and values. */
export const RECORD_LIMITS = { fields: 2_000, bytes: 256 * 1024 };

/** What a golden record takes, as its limits count. */
export interface RecordSize {
  readonly fields: number;
  readonly bytes: number;
}

export interface Patched {
  readonly claims: Claims;
  /** Paths of what did not go into the record, because it is full. */
  readonly leftOut: readonly string[];
}

/** The single values that an object of traits states: lists are values, objects are walked, and an empty one states nothing. */
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
 * Applies what one source says at one time. Older news never replaces newer news from the same source.
 * A value replaces what the same source said below its path, so that an object can become a plain value.
 */
export const applyPatches = (claims: Claims, patches: readonly Patch[], by: Omit<Said, keyof Patch>): Claims =>
  applyAll(
    claims,
    patches.map((patch) => ({ ...patch, ...by })),
  );

/** The same for what several sources said, one after the other. */
export function applyAll(claims: Claims, said: readonly Said[]): Claims {
  const record = new Patching(claims);
  for (const one of said) record.apply(one);
  return record.claims;
}

/**
 * The same within the limits of a golden record: what would pass them is left out, the rest is applied. What makes the
 * record smaller is always applied. In which order the fields were written does not matter.
 */
export function patchWithin(claims: Claims, patches: readonly Patch[], by: Omit<Said, keyof Patch>): Patched {
  const all = applyPatches(claims, patches, by);
  if (isWithin(sizeOf(all))) return { claims: all, leftOut: [] };
  const record = new Patching(claims);
  const leftOut = inOrder(patches).filter((patch) => !record.applyWithin({ ...patch, ...by }));
  return { claims: record.claims, leftOut: leftOut.map(({ path }) => path) };
}

/** A record without its oldest words, so many that the others are within the limits. */
export function trimmed(claims: Claims): Patched {
  let { fields, bytes } = sizeOf(claims);
  if (isWithin({ fields, bytes })) return { claims, leftOut: [] };
  const next: Record<string, Words> = { ...claims };
  const leftOut = new Set<string>();
  for (const { path, source } of oldestFirst(claims)) {
    if (isWithin({ fields, bytes })) break;
    const words = next[path] ?? {};
    const { [source]: _, ...others } = words;
    const [before, after] = [sizeOfWords(path, words), sizeOfWords(path, others)];
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
  for (const [path, words] of Object.entries(claims)) {
    const size = sizeOfWords(path, words);
    fields += size.fields;
    bytes += size.bytes;
  }
  return { fields, bytes };
}

export const isWithin = ({ fields, bytes }: RecordSize): boolean => fields <= RECORD_LIMITS.fields && bytes <= RECORD_LIMITS.bytes;

// --- internal ---

type Words = Readonly<Record<string, Claim>>;

/** Time, order and names that are kept with the word of a further source. */
const WORD_BYTES = 32;

function sizeOfWords(path: string, words: Words): RecordSize {
  let [fields, bytes] = [0, 0];
  for (const [source, { value }] of Object.entries(words)) {
    if (value !== null) fields = 1;
    bytes += (bytes > 0 ? WORD_BYTES : 0) + Buffer.byteLength(path) + Buffer.byteLength(source) + sizeOfValue(value);
  }
  return { fields, bytes };
}

const sizeOfValue = (value: Json): number =>
  typeof value === "string" ? Buffer.byteLength(value) + 2 : Buffer.byteLength(JSON.stringify(value));

/** What takes something away first, then by path: an object that a store gives back has its fields in another order. */
const inOrder = (patches: readonly Patch[]): Patch[] =>
  [...patches].sort((a, b) => Number(a.value !== null) - Number(b.value !== null) || (a.path < b.path ? -1 : 1));

const oldestFirst = (claims: Claims): Said[] =>
  Object.entries(claims)
    .flatMap(([path, words]) => Object.entries(words).map(([source, claim]) => ({ path, source, ...claim })))
    .sort((a, b) => a.at - b.at || a.seq - b.seq || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.source < b.source ? -1 : 1));

const claimOf = (claims: Claims, path: string, source: string): Claim | undefined => entryOf(entryOf(claims, path) ?? {}, source);

/** A record that is being patched. What lies below a path is known, so that each patch takes the same time. */
class Patching {
  private readonly next: Record<string, Words>;
  private readonly below = new Map<string, Set<string>>();
  private size: RecordSize | undefined;

  constructor(claims: Claims) {
    this.next = { ...claims };
    for (const path of Object.keys(claims)) this.index(path);
  }

  get claims(): Claims {
    return this.next;
  }

  apply(said: Said): void {
    for (const [path, words] of this.effectOf(said)) this.set(path, words);
  }

  /** False where it would pass the limits, and then nothing is applied. */
  applyWithin(said: Said): boolean {
    this.size ??= sizeOf(this.next);
    const { fields, bytes } = this.size;
    const effect = this.effectOf(said);
    const after = { fields, bytes };
    for (const [path, words] of effect) {
      const [was, is] = [sizeOfWords(path, entryOf(this.next, path) ?? {}), sizeOfWords(path, words)];
      after.fields += is.fields - was.fields;
      after.bytes += is.bytes - was.bytes;
    }
    if (passes(after.fields, fields, RECORD_LIMITS.fields) || passes(after.bytes, bytes, RECORD_LIMITS.bytes)) return false;
    for (const [path, words] of effect) this.set(path, words);
    this.size = after;
    return true;
  }

  /** What a word changes: the paths, each with all that is said of it then. */
  private effectOf({ path, value, source, at, seq }: Said): Map<string, Words> {
    const effect = new Map<string, Words>();
    if (this.newestAround(path, source) > at) return effect;
    for (const below of this.below.get(path) ?? []) {
      const { [source]: own, ...others } = entryOf(this.next, below) ?? {};
      if (own !== undefined && own.at <= at) effect.set(below, others);
    }
    return effect.set(path, { ...entryOf(this.next, path), [source]: { value, at, seq } });
  }

  private set(path: string, words: Words): void {
    if (Object.keys(words).length === 0) {
      delete this.next[path];
      for (const above of pathsAbove(path)) this.below.get(above)?.delete(path);
      return;
    }
    if (!Object.hasOwn(this.next, path)) this.index(path);
    this.next[path] = words;
  }

  private index(path: string): void {
    for (const above of pathsAbove(path)) {
      const known = this.below.get(above);
      if (known) known.add(path);
      else this.below.set(above, new Set([path]));
    }
  }

  /** The time of the newest word that a source has on a path or above it. */
  private newestAround(path: string, source: string): Instant {
    let newest = claimOf(this.next, path, source)?.at ?? Number.NEGATIVE_INFINITY;
    for (const above of pathsAbove(path)) {
      const claim = claimOf(this.next, above, source);
      if (claim && claim.at > newest) newest = claim.at;
    }
    return newest;
  }
}

/** Whether a limit is passed, and not only as far as it was before. */
const passes = (after: number, before: number, limit: number): boolean => after > limit && after > before;
