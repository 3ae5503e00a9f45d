import { identityKey } from "../domain/entities/address.ts";
import { evolve } from "../domain/entities/change.ts";
import { type Customer, newCustomer } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { addressesIn } from "../domain/identity/addresses.ts";
import { importConsents, readConsent, setConsent } from "../domain/identity/consent.ts";
import type { KnownIdentities } from "../domain/identity/identity.ts";
import { interpretImport } from "../domain/moments/interpret.ts";
import type { IsErased } from "../domain/record/erased.ts";
import { type ImportedCustomer, type IsIdentityTaken, omittedBy, type Provenance, sharedIdentities } from "../domain/record/intake.ts";
import { RECORD_LIMITS } from "../domain/record/patch.ts";
import type { Json } from "../domain/values/json.ts";
import { type Instant, parseInstant } from "../domain/values/time.ts";
import type { CustomerCommit, Store } from "../store/store.ts";
import type { CustomerLine } from "../workspace/schema.ts";
import { erasedAmong } from "./erasure.ts";
import { type LineProblem, type LineProblems, MAX_LISTED, mergeProblems, ProblemList } from "./line-problems.ts";
import type { ImportLine } from "./read-customers.ts";

export { type ImportLine, readCustomers, readCustomerText } from "./read-customers.ts";

/** What an import needs of the store that it writes to. */
export interface ImportStore extends Pick<Store, "setting" | "commit"> {
  readonly customers: Pick<Store["customers"], "load" | "loadUnmerged" | "byIdentity" | "importHashes">;
  readonly links: Pick<Store["links"], "roots">;
  readonly people: Pick<Store["people"], "erased">;
}

export interface ImportResult extends LineProblems {
  readonly imported: number;
  /** Lines that were imported before, byte for byte. */
  readonly unchanged: number;
  /** Identities that already belong to another customer: they are kept as addresses. */
  readonly sharedIdentities: number;
  /** Unknown channels with denials or revocations, which are kept under their names. */
  readonly unknownChannels?: string[];
}

/**
 * Imports golden records. A line that was imported before is skipped, so that a second run does not re-date old values;
 * a changed line is imported. Concurrent imports of the same file, as by processes that start together, import each line once.
 *
 * @param at the time of records that carry none
 */
export async function importCustomers(
  lines: readonly ImportLine[],
  at: Instant,
  store: ImportStore,
  policy: Policy,
): Promise<ImportResult> {
  let imported = 0;
  let shared = 0;
  const refused = new ProblemList<LineProblem>();
  for (let start = 0; start < lines.length; start += CHUNK) {
    const cases = await importAll(lines.slice(start, start + CHUNK), refused, { at, store, policy });
    imported += cases.length;
    shared += sharedIdentities(cases.flatMap(({ changes }) => changes));
  }
  const unchanged = lines.length - imported - refused.first.length - refused.more;
  const { unknownChannels, ...consents } = consentsNotTaken(lines, policy);
  const wrong = mergeProblems({ problems: refused.first, moreProblems: refused.more }, consents);
  return { imported, unchanged, sharedIdentities: shared, ...wrong, ...(unknownChannels ? { unknownChannels } : {}) };
}

// --- internal ---

const CHUNK = 500;

/** Optimistic concurrency: more version conflicts than this on one record mean that something is wrong. */
const ATTEMPTS = 10;

/** Refused grants; the rest of their lines is imported. */
function consentsNotTaken(lines: readonly ImportLine[], { channels }: Policy): LineProblems & Pick<ImportResult, "unknownChannels"> {
  const problems = new ProblemList<LineProblem>();
  const unknown = new Set<string>();
  const read = lines.flatMap(({ line, customer: { consents } }) =>
    consents.map((consent, place) => ({ line, place, ...readConsent(consent, channels) })),
  );
  for (const one of read) {
    if ("problem" in one) problems.add({ line: one.line, problem: `consents.${one.place}.${one.problem}` });
    else for (const name of one.unknown) unknown.add(name);
  }
  const unknownChannels = [...unknown].slice(0, MAX_LISTED);
  return { problems: problems.first, moreProblems: problems.more, ...(unknown.size > 0 ? { unknownChannels } : {}) };
}

/** Time, store and policy of an import. */
interface Where {
  readonly at: Instant;
  readonly store: ImportStore;
  readonly policy: Policy;
}

/** Lines that would make a record too large, with the traits that do not fit. */
type TooLarge = Map<ImportLine, readonly string[]>;

/** Retries lines whose customer changed meanwhile: another process may have imported them. */
async function importAll(
  lines: readonly ImportLine[],
  refused: ProblemList<LineProblem>,
  where: Where,
): Promise<readonly CustomerCommit[]> {
  const written: CustomerCommit[] = [];
  const tooLarge: TooLarge = new Map();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const rest = lines.filter((line) => !tooLarge.has(line));
    const chunk = await importChunk(rest, tooLarge, where);
    written.push(...chunk.written);
    if (chunk.written.length + rest.filter((line) => tooLarge.has(line)).length < chunk.tried) continue;
    for (const [{ line }, paths] of tooLarge) refused.add({ line, problem: tooLargeInWords(paths) });
    return written;
  }
  throw new SentientError("CONFLICT", "customers kept changing while they were imported; import again");
}

const tooLargeInWords = (paths: readonly string[]): string =>
  `traits: with this line the record would be larger than ${RECORD_LIMITS.fields} fields or ${RECORD_LIMITS.bytes} bytes; no room for ${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""}`;

async function importChunk(
  lines: readonly ImportLine[],
  tooLarge: TooLarge,
  { at, store, policy }: Where,
): Promise<{ tried: number; written: readonly CustomerCommit[] }> {
  const ids = lines.map(({ customer }) => customer.id);
  const fresh = await notImported(lines, store);
  if (fresh.length === 0) return { tried: 0, written: [] };
  const chunk: Chunk = {
    ...{ at, store, policy, tooLarge },
    roots: await store.links.roots(ids),
    ...(await foundBy(fresh, store)),
    isErased: await erasedAmong(
      fresh.flatMap(({ customer }) => addressesIn(customer.traits, customer.identities)),
      store,
    ),
  };
  const linked = fresh.filter(({ customer }) => chunk.roots.has(customer.id));
  const written = await importOwn(
    fresh.filter((line) => !linked.includes(line)),
    chunk,
  );
  for (const line of linked) written.push(...(await importLinked(line, chunk)));
  return { tried: fresh.length, written };
}

/**
 * Lines that are new or have changed. Checked again after their customers are loaded: an import before the load is visible
 * to this check, and one after it changes the customer's version.
 */
async function notImported(lines: readonly ImportLine[], store: ImportStore): Promise<ImportLine[]> {
  const hashes = await store.customers.importHashes(lines.map(({ customer }) => customer.id));
  return lines.filter(({ customer, hash }) => hashes.get(customer.id) !== hash);
}

/** Owners of the addresses in these lines, and refusals recorded for them. */
async function foundBy(lines: readonly ImportLine[], store: ImportStore): Promise<Pick<Chunk, "owners" | "refusals">> {
  const { owners, refusals } = await store.customers.byIdentity(
    lines.flatMap(({ customer }) => addressesIn(customer.traits, customer.identities)),
  );
  return { owners: new Map(owners), refusals };
}

/** Context of one chunk of lines. */
interface Chunk extends Where {
  readonly tooLarge: TooLarge;
  /** Merged customers and the surviving customer of each. */
  readonly roots: ReadonlyMap<string, string>;
  readonly owners: Map<string, string>;
  readonly refusals: KnownIdentities["refusals"];
  readonly isErased: IsErased;
}

async function importOwn(lines: readonly ImportLine[], chunk: Chunk): Promise<CustomerCommit[]> {
  const { store, policy, at, owners } = chunk;
  const known = await store.customers.load(
    lines.map(({ customer }) => customer.id),
    policy,
    at,
  );
  const fresh = await notImported(lines, store);
  return commitAll(
    fresh.flatMap((line) => {
      const { id } = line.customer;
      const taken = (identity: IdentityClaim): boolean => {
        const owner = owners.get(identityKey(identity));
        if (owner === undefined) owners.set(identityKey(identity), id);
        return (owner ?? id) !== id;
      };
      return fitting(line, chunk, importCase(known.get(id) ?? newCustomer(id, { kind: "import", at }), line, taken, chunk));
    }),
    store,
  );
}

/**
 * Updates the source record of a customer who was merged into another one. Its consents apply to the surviving customer,
 * which also holds the timers.
 */
async function importLinked(line: ImportLine, chunk: Chunk): Promise<CustomerCommit[]> {
  const { store, policy, at, owners, roots } = chunk;
  const { id } = line.customer;
  const root = roots.get(id) ?? id;
  const before = (await store.customers.loadUnmerged([id], policy, at)).get(id);
  const whole = (await store.customers.load([root], policy, at)).get(root);
  if (!before || !whole || (await notImported([line], store)).length === 0) return [];
  const one = importCase(before, line, (identity) => owners.has(identityKey(identity)), chunk);
  const kept = one.changes.filter(({ type }) => type !== "timer_set");
  // Grants are checked again: the surviving customer may have opted out.
  const ended = kept.flatMap((change) =>
    change.type === "consent_set" && change.consent.status !== "granted" ? setConsent(whole, change.consent) : [],
  );
  const granted = kept.some((change) => change.type === "consent_set" && change.consent.status === "granted")
    ? importedOf(line.customer, at).consents.filter(({ status }) => status === "granted")
    : [];
  const by = { ...provenanceOf(line.customer, at), now: at };
  const consents = [...ended, ...importConsents(ended.reduce(evolve, whole), granted, by, policy)];
  const along = { before: whole, after: consents.reduce(evolve, whole), changes: consents };
  const linked: CustomerCommit = { ...one, after: kept.reduce(evolve, before), changes: kept, ...(consents.length > 0 ? { along } : {}) };
  return commitAll(fitting(line, chunk, linked), store);
}

/** The commit, or none and a note of the line if the record would be too large. */
function fitting(line: ImportLine, { tooLarge }: Chunk, one: CustomerCommit): CustomerCommit[] {
  const paths = omittedBy(one.changes);
  if (paths.length > 0) tooLarge.set(line, paths);
  return paths.length > 0 ? [] : [one];
}

function importCase(
  before: Customer,
  { customer, hash }: ImportLine,
  taken: IsIdentityTaken,
  { at, policy, isErased, refusals }: Chunk,
): CustomerCommit {
  const refusalsOf = (address: IdentityClaim) => refusals.get(identityKey(address)) ?? [];
  const context = { policy, taken, now: at, isErased, refusalsOf };
  const { customer: after, changes } = interpretImport(before, importedOf(customer, at), provenanceOf(customer, at), context);
  return { before, after, changes, importHash: hash, imported: { line: customer as unknown as Json, at } };
}

/** Returns the written commits; the others lost a version conflict. */
async function commitAll(cases: CustomerCommit[], store: ImportStore): Promise<CustomerCommit[]> {
  if (cases.length === 0) return cases;
  const { committed } = await store.commit(cases);
  return cases.filter(({ before }) => committed.has(before.customerId));
}

function importedOf({ traits, identities, consents, timezone, locale, at: own }: CustomerLine, at: Instant): ImportedCustomer {
  return {
    traits: { ...traits, ...(timezone === undefined ? {} : { timezone }), ...(locale === undefined ? {} : { locale }) } as Record<
      string,
      Json
    >,
    identities,
    consents: consents.map(({ channel, status, at: said = own }) => ({
      channel,
      status,
      ...(said === undefined ? {} : { at: parseInstant(said) ?? at }),
    })),
  };
}

const provenanceOf = ({ source, at: given }: CustomerLine, at: Instant): Provenance => ({
  source,
  // A future date counts as the time of arrival.
  at: given === undefined ? at : Math.min(parseInstant(given) ?? at, at),
  seq: 0,
});
