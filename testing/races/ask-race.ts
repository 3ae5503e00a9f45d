import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import { SentientError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { type Random, seededRandom } from "../../domain/values/random.ts";
import { DAY } from "../../domain/values/time.ts";
import { policyOf } from "../policy.ts";
import { openTestService, type Place, type TestService, until } from "../service.ts";
import { type AskLedger, type AskRules, askViolationsOf, type Told } from "./ask-ledger.ts";
import { readAskLedger } from "./read-ask-ledger.ts";
import { RACING, startWorkers } from "./workers.ts";

export interface AskRaceOptions {
  readonly seed: string;
  readonly place: Place;
  /** Every other one has a deferred mail. */
  readonly customers: number;
  /** Asks of each of the three callers of a customer, one after the other. */
  readonly asks: number;
  /** Worker processes that answer asks beside this one; only for stores that can be shared. */
  readonly processes: number;
}

export interface AskRaceReport {
  readonly asks: number;
  readonly late: number;
  readonly given: number;
  readonly holds: number;
  readonly confirmedLate: number;
  readonly mails: number;
  /** Asks decided while the mail of their customer was deferred. */
  readonly besideMails: number;
  readonly violations: readonly string[];
}

/**
 * Asks for many customers concurrently, in several processes: at several places, some with the same id at once, beside signals, a tool that
 * confirms or releases what is held for it, revocations and a pause; half of the customers have a deferred mail. Then checks the record
 * against the answers, the rules and the clock.
 */
export async function raceAsks({ seed, place, customers, asks, processes }: AskRaceOptions): Promise<AskRaceReport> {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-ask-races-"));
  const service = await openTestService(policyOf(ASK_SETTINGS, ASK_EXPERIENCES), place, { dataDir, concurrency: 2 });
  const workers = await startWorkers(processes, { settings: ASK_SETTINGS, experiences: ASK_EXPERIENCES, place, dataDir });
  const race = new AskRace(service, seededRandom(`asks ${seed}`), [{ next: (body) => nextHere(service, body) }, ...workers]);
  try {
    const ids = Array.from({ length: customers }, (_, n) => `c-${n}`);
    const mailed = ids.filter((_, n) => n % 2 === 0);
    await race.open(ids, mailed);
    await Promise.all([...ids.flatMap((id) => [0, 1, 2].map((caller) => race.call(id, caller, asks))), race.beside(ids), race.pauseOnce()]);
    await race.over(mailed);
    await race.confirmLate();
    await race.over(mailed);
    return reportOf(await race.ledger());
  } finally {
    for (const worker of workers) await worker.stop();
    await service.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Settings of a workspace with a place of ours, and a tool that sends letters by itself but asks first. */
export const ASK_SETTINGS = `
  departments: [sales]
  channels:
    post: {kind: file}
    letter: {kind: file}
    web: {kind: pull, places: [hero, banner, aside]}
    tool: {kind: pull, places: [a, b, c], like: letter, counts: true, hold: 1s}
  moments:
    first: {on: go, expires: 30d}
    later: {on: go.later, expires: 30d}
    basket: {on: basket.left, expires: 30d}
    news: {on: news, expires: 30d}
  governance:
    caps:
      - {id: mails, channel: post, max: 1, window: 4s}
      - {id: letters, channel: letter, max: 2, window: 30d}
  learning: {explore: none}
  `;

/** What goes to the deferred mail, to the places and to the tool. */
export const ASK_EXPERIENCES = [
  "id: first\nserves: [first]\nvalue: 9\nchannels: {post: {text: Hello}}",
  "id: later\nserves: [later]\nvalue: 8\nchannels: {post: {text: Hello again}}",
  "id: news\nserves: [news]\nvalue: 2\nchannels: {letter: {text: News}}",
  ...[1, 2, 3].map((n) => `id: web-${n}\nserves: [asking]\nvalue: ${n}\nchannels: {web: {content: {headline: Hello ${n}}}}`),
  ...[1, 2, 3].map(
    (n) =>
      `id: tool-${n}\nserves: [basket]\nvalue: ${n}\n${n === 3 ? "limits: {total: 4}\n" : ""}channels: {tool: {content: {subject: Hello ${n}}}}`,
  ),
];

export const ASK_RULES: AskRules = {
  cap: { channels: ["letter", "tool"], max: 2, window: 30 * DAY },
  limits: [{ id: "tool-3", total: 4 }],
};

// --- internal ---

interface Reply {
  readonly answer?: AskAnswer;
  readonly refused?: string;
}

interface Desk {
  next(body: JsonObject): Promise<Reply>;
}

const nextHere = ({ service }: TestService, body: JsonObject): Promise<Reply> =>
  service.asking.next(body, RACING).then(
    (answer): Reply => ({ answer }),
    (error: unknown): Reply => ({ refused: error instanceof SentientError ? `${error.code} ${error.message}` : String(error) }),
  );

const PLACES: Readonly<Record<string, readonly string[]>> = { web: ["hero", "banner", "aside"], tool: ["a", "b", "c"] };

class AskRace {
  private readonly service: TestService;
  private readonly random: Random;
  private readonly desks: readonly Desk[];
  private readonly told: Told[] = [];
  private readonly receipts: { deliveryId: string; type: string }[] = [];
  private readonly revocations: { customerId: string; at: number }[] = [];
  private readonly pauses: { from: number; to: number }[] = [];
  private readonly heldBefore = new Set<string>();
  /** Answers other than 200 and a conflict. */
  private readonly failures: string[] = [];

  constructor(service: TestService, random: Random, desks: readonly Desk[]) {
    this.service = service;
    this.random = random;
    this.desks = desks;
  }

  /** Opens the moments, and waits until the mail of each of `mailed` is deferred. */
  async open(ids: readonly string[], mailed: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.service.signal("basket.left", id)));
    for (const type of ["go", "go.later"]) await Promise.all(mailed.map((id) => this.service.signal(type, id)));
    await until(
      async () => (await this.count("select count(distinct customer_id) from decisions where experience_id = 'later'")) === mailed.length,
    );
  }

  /** One caller: a page, or a tool that reacts to what is held for it. */
  async call(customerId: string, caller: number | string, asks: number): Promise<void> {
    for (let n = 0; n < asks; n++) {
      const channel = this.random() < 0.4 ? "web" : "tool";
      const places = (PLACES[channel] ?? []).filter(() => this.random() < 0.6);
      const body: JsonObject = {
        id: `${customerId} ${caller} ${n}`,
        customer: customerId,
        channel,
        ...(places.length > 0 ? { places } : {}),
      };
      for (const { answer } of await this.ask(body)) if (answer && channel === "tool") await this.react(customerId, answer);
    }
  }

  /** Signals beside the asks: letters under the same cap, reads, and revocations. */
  async beside(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id, n) => {
        if (n % 2 === 1) await this.service.signal("news", id);
        else await this.service.signal("page.viewed", id);
        if (n % 5 !== 3) return;
        await this.service.signal("customer.consent", id, { channel: "letter", status: "revoked" });
        this.revocations.push({ customerId: id, at: Date.now() });
      }),
    );
  }

  /** Pauses the channel of the tool once something is held, until that has ended. */
  async pauseOnce(): Promise<void> {
    const held = "select count(*) from deliveries where asked is not null and status = 'reserved'";
    await until(async () => (await this.count(held)) > 0, "something held");
    const target = { scope: "channel", name: "tool" };
    await this.service.post("/v1/pause", { target, by: "olga" });
    const from = Date.now();
    await until(async () => (await this.count(held)) === 0, "the end of what was held when the pause began");
    this.pauses.push({ from, to: Date.now() });
    await this.service.post("/v1/resume", { target, by: "olga" });
  }

  /** Waits until nothing is pending or held, and every deferred mail has gone. */
  async over(mailed: readonly string[]): Promise<void> {
    const gone = "select count(distinct customer_id) from deliveries where experience_id = 'later' and status = 'sent'";
    await until(async () => (await this.count(gone)) === mailed.length, "the deferred mails");
    await this.service.settled();
    await until(async () => (await this.count("select count(*) from deliveries where status = 'reserved'")) === 0, "the end of all holds");
    await this.service.settled();
  }

  /** Confirms some of what has ended, while the same customers are asked about. */
  async confirmLate(): Promise<void> {
    const ended = await this.service.rows<{ id: string; customerId: string }>(
      `select delivery_id as id, customer_id as "customerId" from deliveries where asked is not null and status = 'cancelled' order by 1`,
    );
    await Promise.all(
      ended.slice(0, 12).flatMap(({ id, customerId }) => [this.report("delivery.sent", customerId, id), this.call(customerId, id, 1)]),
    );
  }

  async ledger(): Promise<AskLedger & { readonly failures: readonly string[] }> {
    const { told, receipts, revocations, pauses, failures } = this;
    return {
      ...{ told, receipts, revocations, pauses, failures },
      handedOver: this.service.outbox().map(({ deliveryId }) => deliveryId),
      ...(await readAskLedger((sql) => this.service.rows(sql), "later")),
    };
  }

  /** Asks once, or the same twice at once: of two processes, or with another body. */
  private async ask(body: JsonObject): Promise<Reply[]> {
    const { random, desks } = this;
    const desk = Math.floor(random() * desks.length);
    const times = random() < 0.4 ? 2 : 1;
    // Where two processes hear of one, the one that is out of time answers before it can know of the other.
    const within = times === 1 && random() < 0.4 ? "10ms" : "2s";
    const isOther = random() < 0.2;
    const replies = await Promise.all(
      Array.from({ length: times }, (_, n) =>
        (desks[(desk + n) % desks.length] as Desk).next({
          ...body,
          within,
          ...(n === 1 && isOther ? { context: { page: "another" } } : {}),
        }),
      ),
    );
    for (const { answer, refused } of replies) {
      if (answer) this.told.push({ id: String(body.id), answer });
      else if (!refused?.startsWith("CONFLICT") || !isOther) this.failures.push(`${body.id} was refused: ${refused}`);
    }
    return replies;
  }

  /** What the tool does with what is held for it: it confirms, releases, or forgets it. */
  private async react(customerId: string, { places }: AskAnswer): Promise<void> {
    for (const { deliveryId, again } of Object.values(places)) {
      if (deliveryId === undefined || again || this.heldBefore.has(deliveryId)) continue;
      this.heldBefore.add(deliveryId);
      const chance = this.random();
      if (chance < 0.35) await this.report("delivery.sent", customerId, deliveryId);
      else if (chance < 0.6) await this.report("delivery.released", customerId, deliveryId);
    }
  }

  private async report(type: string, customerId: string, deliveryId: string): Promise<void> {
    await this.service.signal(type, customerId, { deliveryId });
    this.receipts.push({ deliveryId, type });
  }

  private async count(sql: string): Promise<number> {
    const [row] = await this.service.rows<{ count: number }>(sql);
    return Number(row?.count ?? 0);
  }
}

function reportOf(ledger: AskLedger & { readonly failures: readonly string[] }): AskRaceReport {
  const { told, slots, decided, mails, confirmedLate, failures } = ledger;
  const firsts = new Map(mails.map(({ customerId, untils }) => [customerId, untils[0] ?? 0]));
  return {
    asks: told.length,
    late: told.filter(({ answer }) => answer.late).length,
    given: decided.filter(({ action, again }) => action === "deliver" && !again).length,
    holds: slots.filter(({ holdUntil }) => holdUntil !== null).length,
    confirmedLate: confirmedLate.length,
    mails: mails.length,
    besideMails: told.filter(
      ({ answer: { customerId, decidedAt, late } }) => !late && Date.parse(decidedAt) < (firsts.get(customerId) ?? 0),
    ).length,
    violations: [...failures, ...askViolationsOf(ledger, ASK_RULES)],
  };
}
