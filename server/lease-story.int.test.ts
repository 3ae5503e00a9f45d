import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Analytics, type HTTPFetchFn } from "@segment/analytics-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../domain/values/json.ts";
import { channelsOf } from "../runtime/load-channels.ts";
import { type Mail, readMail, wordsIn } from "../testing/providers/read-mail.ts";
import { startSmtpProvider } from "../testing/providers/smtp-provider.ts";
import { openTestService, type TestService, until, WRITE_KEY } from "../testing/service.ts";
import { actionTools } from "../tools/index.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { type Listening, listen } from "./listen.ts";

/*
 * One customer's lease from the first statement to the farewell, as in production: the company's systems send through Segment's
 * client over HTTP, a server decides, and mail arrives at a mail server. Only the clock is simulated.
 */

const DEALERSHIP = join(import.meta.dirname, "..", "examples", "dealership");
const DANA = "c-dana";

const mailbox = await startSmtpProvider();
let clock = Date.parse("2026-02-03T11:00:00Z");
let running: TestService;
let listening: Listening;
let analytics: Analytics;
const asDays = new Map<number, string>();

interface Line {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: JsonObject;
}
const linesOf = (file: string): string[] => readFileSync(join(DEALERSHIP, file), "utf8").trim().split("\n");
const story = linesOf("signals.jsonl")
  .map((line) => JSON.parse(line) as Line)
  .filter(({ subject }) => subject === DANA);

beforeAll(async () => {
  // Nothing may leave this machine: channels without their settings write to a file.
  const environment = { SMTP_URL: mailbox.url, CHAT_URL: "http://nobody.invalid" };
  const { policy } = loadWorkspace(DEALERSHIP, { environment, channels: channelsOf(), tools: actionTools });
  running = await openTestService(
    policy,
    { remove: async () => {} },
    { now: () => clock, publicUrl: "https://care.northwind.example", standIn: () => {} },
  );
  listening = await listen(running.app, { host: "127.0.0.1", port: 0 });
  // The client sends its time, and the server corrects clock skew by it: here that is the story's clock.
  const sentAt = () => new Date(clock).toISOString();
  const httpClient: HTTPFetchFn = (url, { body, ...init }) =>
    fetch(url, { ...init, body: JSON.stringify({ ...JSON.parse(String(body)), sentAt: sentAt() }) });
  analytics = new Analytics({ writeKey: WRITE_KEY, host: listening.url, flushAt: 1, httpClient });
});
afterAll(async () => {
  await analytics.closeAndFlush();
  await listening.close();
  await running.close();
  await mailbox.close();
});

/** Resolves when all due work is done and all deliveries are sent. */
async function settled(): Promise<void> {
  running.service.nudge();
  await until(async () => {
    const [open] = await running.rows<{ n: number }>(
      `select (select count(*) from inbox) + (select count(*) from deliveries where status in ('reserved', 'sending'))
            + (select count(*) from lanes where until > clock_timestamp()) + (select count(*) from timers where due <= $1::timestamptz) as n`,
      [new Date(clock).toISOString()],
    );
    return Number(open?.n) === 0;
  }, "the end of all work");
  for (let n = asDays.size; n < mailbox.taken.length; n++) asDays.set(n, new Date(clock).toISOString());
}

/** Advances the clock, and stops at everything that is due on the way. */
async function goOnTo(time: number): Promise<void> {
  for (;;) {
    const [next] = await running.rows<{ due: Date | null }>("select min(due) as due from timers");
    if (!next?.due || next.due.getTime() > time) break;
    clock = Math.max(clock, next.due.getTime());
    await settled();
  }
  clock = Math.max(clock, time);
}

async function track({ id, source, type, time, data }: Line): Promise<void> {
  await goOnTo(Date.parse(time) - 1);
  clock = Date.parse(time);
  await new Promise<void>((resolve, reject) =>
    analytics.track(
      { userId: DANA, messageId: id, event: type, properties: data, timestamp: new Date(time), integrations: { Sentient: { source } } },
      (failure) => (failure ? reject(failure) : resolve()),
    ),
  );
  await settled();
}

const mails = (): (Mail & { readonly to: readonly string[] })[] => mailbox.taken.map(({ raw, to }) => ({ ...readMail(raw), to }));
const subjectOf = (mail: Mail): string => wordsIn(mail.header("Subject")[0] ?? "");

test("over seven months the right mails arrive in order, and no wrong ones", async () => {
  expect(
    (
      await running.post(
        "/v1/customers",
        linesOf("customers.jsonl")
          .filter((line) => line.includes(`"${DANA}"`))
          .join("\n"),
      )
    ).status,
  ).toBe(200);
  for (const line of story) await track(line);
  await goOnTo(Date.parse("2026-09-18T00:00:00Z"));

  expect(mails().map((mail, n) => `${asDays.get(n)?.slice(0, 10)} ${subjectOf(mail)}`)).toEqual([
    "2026-02-10 New this season at Northwind Motors",
    "2026-03-12 Dana, your lease ends on 8 September",
    "2026-04-20 Dana, trade up from your Outback and save $1,500",
    "2026-05-12 New this season at Northwind Motors",
    "2026-05-26 Keep your Outback for $17900",
    "2026-06-10 How did we do, Dana?",
    "2026-09-08 We have received your Outback",
    "2026-09-12 Your final charges: $312",
    "2026-09-15 Your lease has ended: thank you, Dana",
  ]);
  expect(running.outbox().map(({ at, content }) => `${at.slice(0, 10)} ${content.text}`)).toEqual([
    // Two mails with an offer were not answered: mail now has a lower propensity than a text.
    expect.stringMatching(/^2026-08-09 Dana, your lease ends 8 September\./),
    expect.stringMatching(/^2026-08-29 Dana, 36100 miles: your Outback is due for a service\./),
  ]);
  expect(new Set(mails().flatMap(({ to }) => to))).toEqual(new Set(["dana@mail.example"]));
  // The other system closed the contract on the 1st. No message said that the lease had ended before that.
  const early = mails().filter((_, n) => (asDays.get(n) ?? "") < "2026-09-08");
  expect(early.map(({ parts }) => /has ended/i.test(JSON.stringify(parts)))).toEqual(early.map(() => false));
  // The car is back: no discount for it, and no service birthday on the 12th.
  expect(
    mails()
      .slice(-3)
      .map((mail) => /upgrade|trade up|service birthday/i.test(JSON.stringify(mail.parts))),
  ).toEqual([false, false, false]);
});

test("each mail is HTML and plain text, has one-click unsubscribe, and the right sender", () => {
  for (const mail of mails()) {
    expect(Object.keys(mail.parts)).toEqual(["text/plain", "text/html"]);
    const html = mail.parts["text/html"] ?? "";
    expect(mail.parts["text/plain"]).not.toMatch(/<[a-z/]/);
    expect([/<p>/.test(html), /\{\{|undefined|null/.test(html)]).toEqual([true, false]);
    expect(mail.header("List-Unsubscribe")).toEqual([
      expect.stringMatching(/^<https:\/\/care\.northwind\.example\/v1\/unsubscribe\/[^<>\s]+>$/),
    ]);
    expect(mail.header("List-Unsubscribe-Post")).toEqual(["List-Unsubscribe=One-Click"]);
    expect(mail.header("From")).toEqual(["Northwind Motors <care@northwind.example>"]);
  }
  expect(new Set(mails().flatMap((mail) => mail.header("Message-ID"))).size).toBe(mails().length);
});

test("the customer's question was answered before the reply fell due, and the facts were at the desk for the visit", async () => {
  const promises = await running.rows(
    "select name, ended, overdue, ended_at <= due as in_time from promises where customer_id = $1 order by opened_at",
    [DANA],
  );
  expect(promises).toEqual([
    { name: "reply", ended: "kept", overdue: false, in_time: true },
    { name: "final_charges", ended: "kept", overdue: false, in_time: true },
  ]);
  const tasks = await running.rows("select queue, summary, created_at from tasks where customer_id = $1 order by created_at", [DANA]);
  expect(tasks).toMatchObject([
    { queue: "service", summary: "Answer Dana: “What would it cost to keep the car?”", created_at: new Date("2026-03-16T13:00:00Z") },
    { queue: "showroom", summary: expect.stringContaining("runs until 8 September"), created_at: new Date("2026-09-01T20:10:00Z") },
  ]);
});

test("silence is on record where it was due, and no week exceeded its two touches", async () => {
  const silent = (await running.decisions(DANA)).filter(({ action }) => action === "silence");
  expect(
    silent.map(({ decidedAt, reasons }) => [
      decidedAt.slice(0, 10),
      reasons
        .map(({ code }) => code)
        .sort()
        .join(" "),
    ]),
  ).toEqual([
    ["2026-08-11", "suppressed"],
    ["2026-09-01", "suppressed"],
    ["2026-09-02", "suppressed"],
    ["2026-09-09", "fact_missing promise_open suppressed"],
    ["2026-09-10", "fact_missing promise_open suppressed"],
    ["2026-09-12", "fact_missing promise_open suppressed"],
    ["2026-09-16", "suppressed"],
  ]);
  const touches = await running.rows<{ at: Date; experience: string | null }>(
    "select t.at, d.experience_id as experience from touches t left join deliveries d on d.delivery_id = t.touch_id where t.customer_id = $1 and t.counted",
    [DANA],
  );
  // What is owed, such as a receipt, is exempt from caps; it counts for other messages all the same.
  const free = running.service.policy.experiences.flatMap(({ id, outside }) => (outside.includes("caps") ? [id] : []));
  const ours = touches.filter(({ experience }) => experience !== null && !free.includes(experience));
  const before = (at: Date) =>
    touches.filter((one) => at.getTime() - one.at.getTime() < 7 * 86_400_000 && one.at.getTime() <= at.getTime()).length;
  expect(ours).toHaveLength(9);
  expect(ours.map(({ at }) => before(at)).filter((count) => count > 2)).toEqual([]);
});

test("one click on the last mail ends mail for good", async () => {
  const link = new URL((mails().at(-1)?.header("List-Unsubscribe")[0] ?? "").slice(1, -1));
  const answer = await fetch(`${listening.url}${link.pathname}`, { method: "POST", body: "List-Unsubscribe=One-Click" });
  expect(answer.status).toBe(200);
  const count = mails().length;
  await track({
    id: "late",
    source: "campaigns",
    type: "campaign.started",
    subject: DANA,
    time: "2026-12-01T15:00:00Z",
    data: { campaign: "model-news" },
  });
  await goOnTo(Date.parse("2026-12-08T15:00:00Z"));
  expect(mails()).toHaveLength(count);
  expect((await running.decisions(DANA)).at(-1)).toMatchObject({ action: "silence", reasons: [{ code: "consent_revoked" }] });
});
