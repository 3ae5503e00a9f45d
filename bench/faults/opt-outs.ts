import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom } from "../../domain/values/random.ts";
import { startHttpProvider } from "../../testing/providers/http-provider.ts";
import { startSmtpProvider } from "../../testing/providers/smtp-provider.ts";
import { OPERATOR_KEY } from "../load/keys.ts";
import { type IsolatedService, withIsolatedService } from "./isolated-service.ts";
import { Load } from "./load.ts";
import { type OptOut, PATHS, sendOptOut } from "./opt-out-paths.ts";
import { type Held, noneOf, type Round } from "./promise.ts";
import type { Recorded } from "./record.ts";
import type { OwnServers } from "./servers.ts";
import { waitUntilSettled } from "./waiting.ts";

export interface OptOutOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  readonly customers: number;
}

/** Customers opt out at random times on every path, while messages to them are decided and sent. */
export async function optOuts({ servers, seed, customers }: OptOutOptions): Promise<Round> {
  const random = seededRandom(`opt-outs ${seed}`);
  const mails = await startSmtpProvider();
  const texts = await startHttpProvider({ status: 201, body: JSON.stringify({ sid: "SM1" }) });
  const stage = {
    ...{ servers, name: "optouts", settings: settingsOf(mails.url, texts.url), experiences: EXPERIENCES },
    ...{ workers: ["worker a", "worker b"], environment: { SENTIENT_PUBLIC_URL: "https://care.example" } },
  };
  try {
    return await withIsolatedService(stage, async ({ recorded, processes }) => {
      const optOuts = Array.from({ length: customers }, (_, n) => optOutOf(n));
      await introduce(optOuts, processes.url);
      await send("first", optOuts, 1, processes);
      await waitUntilSettled(recorded, processes, 60_000);
      await findLinks(optOuts, recorded, mails.taken);
      const sending = send("go", optOuts, MESSAGES, processes, random);
      await Promise.all(
        optOuts.map(async (optOut) => {
          await pause(random() * OPT_OUT_SPAN_MS);
          await sendOptOut(optOut, processes.url);
        }),
      );
      await sending;
      // A last message to each, after all have opted out.
      await send("last", optOuts, 1, processes);
      const { open } = await waitUntilSettled(recorded, processes, 120_000);
      const promises = await promisesOf(optOuts, recorded);
      return {
        name: "opt-outs",
        faults: 0,
        counts: await countsOf(optOuts, recorded),
        promises: [{ promise: "everything is settled", held: open === 0, detail: `${open} open` }, ...promises],
      };
    });
  } finally {
    await mails.close();
    await texts.close();
  }
}

// --- internal ---

/** Messages to each customer after the first. */
const MESSAGES = 8;
const OPT_OUT_SPAN_MS = 8_000;

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

function optOutOf(n: number): OptOut {
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

async function introduce(optOuts: readonly OptOut[], url: string): Promise<void> {
  const lines = optOuts.map(({ customerId, email, phone }) =>
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

/** Sends signals for a mail and for a text, `times` each, to every customer. */
async function send(
  name: string,
  optOuts: readonly OptOut[],
  times: number,
  { url }: IsolatedService["processes"],
  random?: Random,
): Promise<void> {
  const signals = Array.from({ length: 2 * times * optOuts.length }, (_, n) => ({
    signal: {
      id: `${name}-${n}`,
      type: n % 2 === 0 ? "mail" : "text",
      subject: optOuts[Math.floor(n / 2) % optOuts.length]?.customerId ?? "",
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
    if (random) await pause(OPT_OUT_SPAN_MS / steps);
  }
  await loading;
}

/** Reads the unsubscribe link of each customer's first mail, and its delivery id. */
async function findLinks(
  optOuts: readonly OptOut[],
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
  for (const optOut of optOuts) {
    optOut.link = links.get(optOut.email) ?? "";
    optOut.deliveryId = first.get(optOut.customerId) ?? "";
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

async function promisesOf(optOuts: readonly OptOut[], recorded: Recorded): Promise<Held[]> {
  const claims = await rowsOf(recorded);
  const late = optOuts.flatMap(({ customerId, channel, acceptedAt, path }) =>
    claims
      .filter((one) => one.customer === customerId && one.channel === channel && (one.claimed ?? 0) > acceptedAt)
      .map(({ claimed }) => `${customerId} by ${path}, ${Math.round((claimed ?? 0) - acceptedAt)} ms after`),
  );
  const consents = new Set(await recorded.texts("select customer_id, channel from consents where status <> 'granted'"));
  const unconfirmed = optOuts.filter(({ customerId, channel }) => !consents.has(`${customerId} ${channel}`));
  const silent = optOuts.filter(({ acceptedAt }) => !Number.isFinite(acceptedAt));
  const others = await recorded.count("select count(*) from deliveries where channel = 'sms' and status = 'sent'");
  return [
    noneOf(
      "every opt-out is accepted",
      silent.map(({ customerId, path }) => `${customerId} by ${path}`),
      `${optOuts.length} on ${PATHS.length} paths`,
    ),
    noneOf("no send starts after its opt-out was accepted", late, `${claims.length} sends`),
    noneOf(
      "every opt-out is in the record",
      unconfirmed.map(({ customerId, path }) => `${customerId} by ${path}`),
      `${consents.size} revoked`,
    ),
    { promise: "the other channel goes on", held: others > optOuts.length, detail: `${others} texts sent` },
  ];
}

async function countsOf(optOuts: readonly OptOut[], recorded: Recorded): Promise<string[][]> {
  const claims = await rowsOf(recorded);
  const cancelled = await recorded.count("select count(*) from deliveries where status = 'cancelled' and reason = 'consent_revoked'");
  const head = ["path", "opt-outs", "sends before", "after"];
  const rows = PATHS.map((path) => {
    const own = optOuts.filter((one) => one.path === path);
    const sends = own.flatMap(({ customerId, channel, acceptedAt }) =>
      claims.filter((one) => one.customer === customerId && one.channel === channel).map(({ claimed }) => (claimed ?? 0) > acceptedAt),
    );
    return [path, String(own.length), String(sends.filter((isLate) => !isLate).length), String(sends.filter(Boolean).length)];
  });
  return [head, ...rows, ["cancelled between reservation and send", String(cancelled)]];
}
