import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom } from "../../domain/values/random.ts";
import { startHttpProvider } from "../../testing/providers/http-provider.ts";
import { startSmtpProvider } from "../../testing/providers/smtp-provider.ts";
import { OPERATOR_KEY } from "../load/keys.ts";
import { type Leaver, leave, PATHS } from "./leaving.ts";
import { Load } from "./load.ts";
import { type Held, noneOf, type Round } from "./promise.ts";
import type { Recorded } from "./record.ts";
import type { OwnServers } from "./servers.ts";
import { onStage, type Stage } from "./stage.ts";
import { waitForTheEnd } from "./waiting.ts";

export interface OptOutOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  readonly customers: number;
}

/** Customers leave at random moments on every path there is, while messages to them are decided and handed over. */
export async function optOuts({ servers, seed, customers }: OptOutOptions): Promise<Round> {
  const random = seededRandom(`opt-outs ${seed}`);
  const mails = await startSmtpProvider();
  const texts = await startHttpProvider({ status: 201, body: JSON.stringify({ sid: "SM1" }) });
  const stage = {
    ...{ servers, name: "optouts", settings: settingsOf(mails.url, texts.url), experiences: EXPERIENCES },
    ...{ workers: ["worker a", "worker b"], environment: { SENTIENT_PUBLIC_URL: "https://care.example" } },
  };
  try {
    return await onStage(stage, async ({ recorded, processes }) => {
      const leavers = Array.from({ length: customers }, (_, n) => leaverOf(n));
      await introduce(leavers, processes.url);
      await send("first", leavers, 1, processes);
      await waitForTheEnd(recorded, processes, 60_000);
      await findLinks(leavers, recorded, mails.taken);
      const sending = send("go", leavers, MESSAGES, processes, random);
      await Promise.all(
        leavers.map(async (leaver) => {
          await pause(random() * LEAVING_MS);
          await leave(leaver, processes.url);
        }),
      );
      await sending;
      // And a last one to everybody, when all have left.
      await send("last", leavers, 1, processes);
      const { open } = await waitForTheEnd(recorded, processes, 120_000);
      const promises = await promisesOf(leavers, recorded);
      return {
        name: "opt-outs",
        faults: 0,
        counts: await countsOf(leavers, recorded),
        promises: [{ promise: "everything is at its end", held: open === 0, detail: `${open} open` }, ...promises],
      };
    });
  } finally {
    await mails.close();
    await texts.close();
  }
}

// --- internal ---

/** Messages that each customer would get besides the first. */
const MESSAGES = 8;
const LEAVING_MS = 8_000;

const settingsOf = (smtpUrl: string, smsUrl: string): string => `channels:
  email: {kind: smtp, url: "${smtpUrl}", from: "care@care.example", inbound: {provider: mailgun, signingKey: mg-key}}
  sms: {kind: twilio, accountSid: AC1, authToken: tw-token, from: "+15555550199", url: "${smsUrl}"}
moments: {m: {on: mail, expires: 1d}, t: {on: text, expires: 1d}}
governance: {consent: {email: opt_out, sms: opt_out}}
`;

const EXPERIENCES = {
  mail: 'serves: [m]\nchannels: {email: {subject: Hello, body: "Hello"}}',
  text: "serves: [t]\nchannels: {sms: {text: Hello}}",
};

function leaverOf(n: number): Leaver {
  const path = PATHS[n % PATHS.length] ?? "api";
  return {
    ...{ customerId: `c-${n}`, path, channel: path === "sms" ? "sms" : "email" },
    ...{
      email: `c-${n}@example.com`,
      phone: `+1555${String(1_000_000 + n)}`,
      deliveryId: "",
      link: "",
      acceptedAt: Number.POSITIVE_INFINITY,
    },
  };
}

async function introduce(leavers: readonly Leaver[], url: string): Promise<void> {
  const lines = leavers.map(({ customerId, email, phone }) =>
    JSON.stringify({
      id: customerId,
      traits: { email, phone },
      identities: [
        { type: "email", value: email },
        { type: "phone", value: phone },
      ],
    }),
  );
  const response = await fetch(`${url}/v1/customers`, {
    method: "POST",
    headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    body: lines.join("\n"),
  });
  if (!response.ok) throw new Error(`customers were not imported: ${response.status} ${await response.text()}`);
}

/** A signal for a mail and one for a text, so many times for each. */
async function send(name: string, leavers: readonly Leaver[], times: number, { url }: Stage["processes"], random?: Random): Promise<void> {
  const signals = Array.from({ length: 2 * times * leavers.length }, (_, n) => ({
    signal: {
      id: `${name}-${n}`,
      type: n % 2 === 0 ? "mail" : "text",
      subject: leavers[Math.floor(n / 2) % leavers.length]?.customerId ?? "",
    },
    place: random?.() ?? n,
  })).sort((a, b) => a.place - b.place);
  const load = new Load(
    signals.map(({ signal }) => signal),
    () => url,
  );
  const loading = load.run(() => false);
  const steps = random ? 40 : 1;
  for (let step = 1; step <= steps; step++) {
    load.release(step / steps);
    if (random) await pause(LEAVING_MS / steps);
  }
  await loading;
}

/** The link in the first mail of each, and the name of its delivery. */
async function findLinks(
  leavers: readonly Leaver[],
  recorded: Recorded,
  taken: readonly { to: readonly string[]; raw: string }[],
): Promise<void> {
  const first = new Map(
    (
      await recorded.rows<{ id: string; delivery: string }>(
        "select customer_id as id, delivery_id as delivery from deliveries where channel = 'email'",
      )
    ).map(({ id, delivery }) => [id, delivery]),
  );
  const links = new Map(
    taken.map(({ to, raw }) => [to[0], /^List-Unsubscribe:\s*<([^>]+)>/m.exec(raw.replace(/\r\n[ \t]+/g, ""))?.[1] ?? ""]),
  );
  for (const leaver of leavers) {
    leaver.link = links.get(leaver.email) ?? "";
    leaver.deliveryId = first.get(leaver.customerId) ?? "";
  }
}

interface Row {
  readonly customer: string;
  readonly channel: string;
  readonly status: string;
  readonly claimed: number | null;
}

const rowsOf = (recorded: Recorded): Promise<Row[]> =>
  recorded.rows<Row>(
    "select customer_id as customer, channel, status, extract(epoch from claimed_at)::float8 * 1000 as claimed from deliveries where claimed_at is not null",
  );

async function promisesOf(leavers: readonly Leaver[], recorded: Recorded): Promise<Held[]> {
  const claims = await rowsOf(recorded);
  const late = leavers.flatMap(({ customerId, channel, acceptedAt, path }) =>
    claims
      .filter((one) => one.customer === customerId && one.channel === channel && (one.claimed ?? 0) > acceptedAt)
      .map(({ claimed }) => `${customerId} by ${path}, ${Math.round((claimed ?? 0) - acceptedAt)} ms after`),
  );
  const consents = new Set(await recorded.texts("select customer_id, channel from consents where status <> 'granted'"));
  const unheard = leavers.filter(({ customerId, channel }) => !consents.has(`${customerId} ${channel}`));
  const silent = leavers.filter(({ acceptedAt }) => !Number.isFinite(acceptedAt));
  const others = await recorded.count("select count(*) from deliveries where channel = 'sms' and status = 'sent'");
  return [
    noneOf(
      "every opt-out is accepted",
      silent.map(({ customerId, path }) => `${customerId} by ${path}`),
      `${leavers.length} on ${PATHS.length} paths`,
    ),
    noneOf("no send starts after its opt-out was accepted", late, `${claims.length} sends`),
    noneOf(
      "each is in the record",
      unheard.map(({ customerId, path }) => `${customerId} by ${path}`),
      `${consents.size} revoked`,
    ),
    { promise: "the other channel goes on", held: others > leavers.length, detail: `${others} texts sent` },
  ];
}

async function countsOf(leavers: readonly Leaver[], recorded: Recorded): Promise<string[][]> {
  const claims = await rowsOf(recorded);
  const cancelled = await recorded.count("select count(*) from deliveries where status = 'cancelled' and reason = 'consent_revoked'");
  const head = ["path", "opt-outs", "sends before", "after"];
  const rows = PATHS.map((path) => {
    const own = leavers.filter((one) => one.path === path);
    const sends = own.flatMap(({ customerId, channel, acceptedAt }) =>
      claims.filter((one) => one.customer === customerId && one.channel === channel).map(({ claimed }) => (claimed ?? 0) > acceptedAt),
    );
    return [path, String(own.length), String(sends.filter((isLate) => !isLate).length), String(sends.filter(Boolean).length)];
  });
  return [head, ...rows, ["cancelled between slot and hand-over", String(cancelled)]];
}
