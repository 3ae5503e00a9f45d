import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom } from "../../domain/values/random.ts";
import { DAY } from "../../domain/values/time.ts";
import { type AskLedger, type AskRules, askViolationsBy } from "../../testing/races/ask-ledger.ts";
import { readAskLedger } from "../../testing/races/read-ask-ledger.ts";
import { AskingClients } from "./asking-clients.ts";
import { type IsolatedService, withIsolatedService } from "./isolated-service.ts";
import { type Held, noneOf, type Round } from "./promise.ts";
import { type Provider, startProvider } from "./provider.ts";
import type { OwnServers } from "./servers.ts";
import { hookTo } from "./workspace.ts";

export interface AskFaultOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  readonly customers: number;
  /** `kill -9` of the server. */
  readonly kills: number;
}

/**
 * The server is killed while pages and a tool ask, and while something is held for the tool; half of the customers have a deferred mail.
 * Each ask is repeated with its id until it is answered.
 */
export async function asks(options: AskFaultOptions): Promise<Round> {
  const { servers, seed, customers, kills } = options;
  const random = seededRandom(`asks ${seed}`);
  const provider = await startProvider(() => ({ behaviour: "takes", afterMs: 5 }));
  const stage = { servers, name: "asks", settings: settingsTo(provider.url), experiences: EXPERIENCES, workers: ["worker a"] };
  return withIsolatedService(stage, async (on) => {
    const clients = new AskingClients(() => on.processes.url, random);
    const ids = Array.from({ length: customers }, (_, n) => `c-${n}`);
    const mailed = ids.filter((_, n) => n % 2 === 0);
    await deferMails(on, clients, ids, mailed);
    const asking = Promise.all(ids.map((id) => clients.call(id)));
    const landed = await killServer(on, clients, kills, random);
    clients.stop();
    await asking;
    const open = await everythingOver(on, mailed.length);
    return report(on, provider, clients, { kills, landed, open });
  }).finally(() => provider.close());
}

// --- internal ---

/** After the last fault everything must be settled within this. */
const END_MS = 90_000;

const settingsTo = (url: string): string => `
channels:
  post: ${hookTo(url)}
  letter: ${hookTo(url)}
  web: {kind: pull, places: [hero, banner]}
  tool: {kind: pull, places: [a, b, c], like: letter, counts: true, hold: 2s}
moments:
  first: {on: go, expires: 30d}
  later: {on: go.later, expires: 30d}
  basket: {on: basket.left, expires: 30d}
governance:
  caps:
    - {id: mails, channel: post, max: 1, window: 8s}
    - {id: letters, channel: letter, max: 2, window: 30d}
learning: {explore: none}
`;

const EXPERIENCES: Readonly<Record<string, string>> = {
  first: "serves: [first]\nvalue: 9\nchannels: {post: {payload: {text: Hello}}}",
  later: "serves: [later]\nvalue: 8\nchannels: {post: {payload: {text: Hello again}}}",
  ...Object.fromEntries(
    [1, 2].map((n) => [`web-${n}`, `serves: [asking]\nvalue: ${n}\nchannels: {web: {content: {headline: Hello ${n}}}}`]),
  ),
  ...Object.fromEntries(
    [1, 2, 3].map((n) => [`tool-${n}`, `serves: [basket]\nvalue: ${n}\nchannels: {tool: {content: {subject: Hello ${n}}}}`]),
  ),
};

const RULES: AskRules = { cap: { channels: ["tool", "letter"], max: 2, window: 30 * DAY }, limits: [] };

const HELD = "select count(*) from deliveries where asked is not null and status = 'reserved'";

async function deferMails(
  { recorded }: IsolatedService,
  clients: AskingClients,
  ids: readonly string[],
  mailed: readonly string[],
): Promise<void> {
  await Promise.all(ids.map((id) => clients.signal("basket.left", id)));
  for (const type of ["go", "go.later"]) await Promise.all(mailed.map((id) => clients.signal(type, id)));
  const deferred = "select count(distinct customer_id) from decisions where action = 'defer' and experience_id = 'later'";
  await until(async () => (await recorded.count(deferred)) === mailed.length);
}

/** Kills the server at random moments; returns how often asks and holds were under way. */
async function killServer(
  { processes, recorded }: IsolatedService,
  clients: AskingClients,
  kills: number,
  random: Random,
): Promise<number> {
  let landed = 0;
  for (let n = 0; n < kills; n++) {
    const before = clients.told.length;
    await until(async () => clients.told.length > before && (await recorded.count(HELD)) > 0);
    await pause(200 + random() * 800);
    if (clients.inFlight > 0 && (await recorded.count(HELD)) > 0) landed++;
    processes.kill("server");
  }
  const before = clients.told.length;
  await until(async () => clients.told.length > before);
  return landed;
}

/** Waits until every deferred mail has gone and nothing is held or pending; returns what is open then. */
async function everythingOver({ recorded }: IsolatedService, mails: number): Promise<number> {
  const left = async (): Promise<number> =>
    (await recorded.open()) +
    (await recorded.count(HELD)) +
    Math.max(0, mails - (await recorded.count("select count(*) from deliveries where experience_id = 'later' and status <> 'reserved'")));
  await until(async () => (await left()) === 0);
  return left();
}

async function report(
  { recorded, processes }: IsolatedService,
  provider: Provider,
  clients: AskingClients,
  { kills, landed, open }: { readonly kills: number; readonly landed: number; readonly open: number },
): Promise<Round> {
  const { told, receipts, refused, repeated } = clients;
  const kept = await readAskLedger((sql) => recorded.rows(sql), "later");
  const { uncertain, ledger } = withInterrupted({ told, receipts, revocations: [], pauses: [], handedOver: sendsOf(provider), ...kept });
  const broken = askViolationsBy(ledger, RULES);
  const held = kept.slots.filter(({ holdUntil }) => holdUntil !== null);
  const late = told.filter(({ answer }) => answer.late).length;
  const of = (status: string): number => held.filter((one) => one.status === status).length;
  const promises: Held[] = [
    { promise: "at least 2 kills hit while asks and holds were under way", held: landed >= 2, detail: `${landed} of ${kills}` },
    noneOf("the same ask has one answer, and gives nothing twice", [...refused, ...broken.answers], `${told.length} answers`),
    noneOf("what was answered is in the record, and no late ask is decided", broken.records, `${late} late`),
    noneOf("a hold is confirmed or ends, and is never sent by us", broken.holds, `${of("sent")} confirmed, ${of("cancelled")} ended`),
    noneOf("no cap is passed by what is held", broken.caps, `${held.length} holds`),
    noneOf("a deferred mail goes once, at its time", broken.mails, `${kept.mails.length} mails, ${uncertain} uncertain by kills`),
    { promise: "after asks and kills everything is settled", held: open === 0, detail: `${open} open` },
    noneOf("no process ended without a kill", processes.unexpectedExits, `${kills} killed`),
  ];
  const counts = [["asks answered", String(told.length), `${repeated} requests unanswered`]];
  return { name: "asks", faults: landed, counts, promises };
}

const sendsOf = ({ sends }: Provider): string[] => [...sends].flatMap(([id, { attempts }]) => Array.from({ length: attempts }, () => id));

/**
 * A late answer that a kill kept from being recorded is late all the same: nothing was decided. A mail that the killed server was just
 * handing over is uncertain, and not repeated: it went once, or was lost with the kill.
 */
function withInterrupted(ledger: AskLedger): { readonly ledger: AskLedger; readonly uncertain: number } {
  const known = new Set(ledger.kept.map(({ id }) => id));
  const lost = ledger.told.filter(({ id, answer }) => answer.late && !known.has(id)).map(({ id }) => ({ id, late: true }));
  const interrupted = ledger.mails.flatMap(({ sent }) =>
    sent.filter(({ status }) => status === "uncertain").map(({ deliveryId }) => deliveryId),
  );
  const mails = ledger.mails.map((mail) => ({
    ...mail,
    sent: mail.sent.map((one) => (one.status === "uncertain" ? { ...one, status: "sent" } : one)),
  }));
  const handedOver = [...ledger.handedOver, ...interrupted.filter((id) => !ledger.handedOver.includes(id))];
  return { ledger: { ...ledger, kept: [...ledger.kept, ...lost], mails, handedOver }, uncertain: interrupted.length };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + END_MS; !(await holds()) && performance.now() < end; ) await pause(100);
}
