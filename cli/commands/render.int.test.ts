import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smtp } from "../../channels/smtp/smtp.ts";
import { openStore } from "../../runtime/open-store.ts";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { type Listening, listen } from "../../server/listen.ts";
import { startSentient } from "../../testing/process.ts";
import { readMail } from "../../testing/providers/read-mail.ts";
import { startSmtpProvider } from "../../testing/providers/smtp-provider.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../../testing/service.ts";
import { runTyped, type TypedOptions } from "../../testing/typed/typed-command.ts";
import { createPaint, type Io } from "../io.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-render-"));
const workspace = join(root, "workspace");
const data = join(root, "data");
const put = (file: string, text: string) => writeFileSync(join(workspace, file), text);
for (const folder of ["experiences", "templates"]) mkdirSync(join(workspace, folder), { recursive: true });
put(
  "sentient.yaml",
  `version: 1
name: Rendered
timezone: UTC
departments: [sales]
channels: {email: {kind: smtp, url: "smtp://127.0.0.1:1", from: care@shop.example}, box: {kind: file}}
governance: {consent: {email: opt_out}}
moments: {m: {on: go, expires: 30d}, cancel: {on: message.received, says: ["please cancel my contract", "I want to end it"], expires: 2d}}
record: {fields: {plan.endsOn: {maxAge: 45d}}}
`,
);
put(
  "templates/offer.mjml.liquid",
  "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ customer.name }}: {{ action.code }}</mj-text></mj-column></mj-section></mj-body></mjml>",
);
put(
  "experiences/offer.yaml",
  "id: offer\nserves: [m]\naction: {tool: issue_offer, input: {percent: 20, validFor: 3h}}\nchannels: {email: {subject: 'For {{ customer.name }}', template: offer.mjml.liquid}, box: {text: '{{ action.code }}'}}\n",
);
put("experiences/ends.yaml", "id: ends\nserves: [m]\nchannels: {box: {text: 'Ends {{ customer.plan.endsOn }}'}}\n");
put(
  "experiences/told.yaml",
  "id: told\nserves: [m]\nchannels: {box: {locales: {de: {text: Hallo}}, text: Hello, variants: {short: {}, long: {text: Good day, locales: {de: {text: Guten Tag}}}}}}\n",
);
const ADA = {
  id: "ada",
  at: "2026-01-01T00:00:00Z",
  traits: { name: "Ada", plan: { endsOn: "2026-09-12" } },
  identities: [{ type: "email", value: "ada@mail.example" }],
};
put("customers.jsonl", `${JSON.stringify(ADA)}\n`);
put(
  "signals.jsonl",
  `${JSON.stringify({ specversion: "1.0", id: "1", source: "web", type: "seen", subject: "ada", time: "2026-02-01T10:00:00Z", data: {} })}\n`,
);

const type = (words: readonly string[], options: TypedOptions = {}, environment: Io["environment"] = {}) =>
  typed("render", words, options, environment);

async function typed(command: string, words: readonly string[], options: TypedOptions, environment: Io["environment"]) {
  const said = { out: [] as string[], noted: [] as string[] };
  const io: Io = {
    ...{ out: (line) => void said.out.push(line), note: (line) => void said.noted.push(line), warn: () => {}, progress: () => {} },
    ...{ paint: createPaint(false), stdin: Readable.from([]), environment, columns: 200, isTerminal: false, now: Date.now },
    isStopped: () => false,
  };
  const status = await runTyped(command, words, options, io);
  return { status, out: said.out.join("\n"), noted: said.noted.join("\n") };
}

let running: TestService;
let listening: Listening;
beforeAll(async () => {
  const io = {
    out: () => {},
    note: () => {},
    warn: () => {},
    progress: () => {},
    paint: createPaint(false),
    stdin: Readable.from([]),
    environment: {},
    columns: 80,
    isTerminal: false,
    now: Date.now,
    isStopped: () => false,
  };
  await runTyped("run", [workspace], { data }, io);
  const opened = await openWorkspace(workspace, { environment: {} });
  running = await openTestService(opened.workspace.policy, { remove: async () => {} });
  listening = await listen(running.app, { host: "127.0.0.1", port: 0 });
  await running.signal("seen", "ada", { traits: ADA.traits, identities: ADA.identities });
  await running.settled();
});
afterAll(async () => {
  await listening.close();
  await running.close();
  rmSync(root, { recursive: true, force: true });
});

const there = () => ({ SENTIENT_URL: listening.url, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY });

describe("render", () => {
  test("render: of a store, with facts, source and age, and the action that was not run", async () => {
    const { status, out } = await type(["offer", "ada"], { data, json: true });
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{ experienceId: "offer", customerId: "ada", at: "2026-02-01T10:00:00Z", channel: "email", to: "ada@mail.example" },
      content: { subject: "For Ada" },
      facts: { name: { value: "Ada", source: "import", at: "2026-01-01T00:00:00Z", age: "31d", state: "ok" } },
      action: { tool: "issue_offer", output: { percent: 20, code: expect.stringMatching(/^[\w-]{6,}$/) }, from: "computed" },
      problems: [],
    });
    expect((await type(["offer", "ada"], { data })).out).toContain("issue_offer was not run");
  });

  test("render: nothing is sent or kept", async () => {
    const held = async () => {
      const store = await openStore({ dataDir: data, now: Date.now });
      try {
        return (await store.people.export("ada")) ?? {};
      } finally {
        await store.close();
      }
    };
    const before = await held();
    await type(["offer", "ada"], { data, signal: '{"type": "go", "data": {"traits": {"name": "Eve"}}}' });
    expect(await held()).toEqual(before);
  });

  test("render: --html writes what the mail channel sends", async () => {
    const file = join(root, "mail.html");
    const { out, noted } = await type(["offer", "ada"], { data, json: true, html: file });
    expect([noted, statSync(file).mode & 0o777]).toEqual([`the mail is in ${file}`, 0o600]);
    const html = readFileSync(file, "utf8");
    expect(html).not.toContain("<mj-");
    const provider = await startSmtpProvider();
    const channel = await smtp.connect(smtp.options.parse({ url: provider.url, from: "care@shop.example" }), { dataDir: "" });
    const message = {
      deliveryId: "d",
      customerId: "ada",
      channel: "email",
      to: "ada@mail.example",
      content: JSON.parse(out).content,
      at: 0,
    };
    await channel.send(message, { signal: new AbortController().signal });
    await channel.close?.();
    const sent = readMail(provider.taken.at(-1)?.raw ?? "").parts["text/html"];
    await provider.close();
    expect(sent?.replaceAll("\r\n", "\n").trim()).toBe(html.trim());
    expect(JSON.parse(out).html).toBe(html);
  });

  test("render: --variant and --locale, of a store and over HTTP alike", async () => {
    const rendered = async (options: TypedOptions) => {
      const here = JSON.parse((await type(["told", "ada"], { data, json: true, ...options })).out);
      const overHttp = JSON.parse((await type(["told", "ada"], { json: true, ...options }, there())).out);
      for (const { variant, locale, content } of [here, overHttp])
        expect({ variant, locale, content }).toEqual({ variant: here.variant, locale: here.locale, content: here.content });
      return [here.variant, here.locale, here.content.text];
    };
    expect(await rendered({})).toEqual(["short", "default", "Hello"]);
    expect(await rendered({ locale: "de_AT" })).toEqual(["short", "de", "Hallo"]);
    expect(await rendered({ variant: "long", locale: "de" })).toEqual(["long", "de", "Guten Tag"]);
    expect(await rendered({ variant: "long", locale: "fr" })).toEqual(["long", "default", "Good day"]);
    for (const place of [{ data }, undefined]) {
      const asked = (options: TypedOptions) => type(["told", "ada"], { ...place, ...options }, place ? {} : there());
      await expect(asked({ variant: "lnog" })).rejects.toMatchObject({
        code: "NOT_FOUND",
        message: expect.stringContaining("box (variant short), box (variant long)"),
      });
      await expect(asked({ locale: "German" })).rejects.toMatchObject({
        code: "BAD_INPUT",
        message: expect.stringContaining("German is no language tag"),
      });
    }
  });

  test("render: --html of a channel that sends no mail is wrong usage", async () => {
    const fresh = { type: "go", data: { traits: { plan: { endsOn: "2026-10-01" } } } };
    await expect(type(["ends", "ada"], { data, html: join(root, "x.html"), signal: JSON.stringify(fresh) })).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: "--html: box sends no mail; name a channel of kind smtp with --channel",
    });
  });

  test("render: the same over HTTP, where SENTIENT_URL says", async () => {
    const { status, out } = await type(["offer", "ada"], { json: true, channel: "box", signal: '{"type": "go"}' }, there());
    const [onServer, here] = [
      JSON.parse(out),
      await running.service.lookUps.experiences.render({ id: "offer", customer: "ada", channel: "box", signal: { type: "go" } }),
    ];
    expect(status).toBe(0);
    expect(onServer).toMatchObject({ channel: "box", moment: { name: "m" }, content: { text: here.action?.output.code } });
    expect(Object.keys(onServer).sort()).toEqual(Object.keys(here).sort());
    await expect(type(["nothing", "ada"], {}, there())).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("no experience nothing"),
    });
    await expect(type(["offer", "nobody"], {}, there())).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(type(["offer", "ada"], { signal: '"go"' }, there())).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  test("an unknown experience gets a suggestion, here and over HTTP", async () => {
    const refused = {
      code: "NOT_FOUND",
      message: "no experience ofer in the catalogue; did you mean offer? npx sentient experiences list shows their ids",
    };
    for (const [on, environment] of [
      [{ data }, {}],
      [{}, there()],
    ] as const) {
      await expect(type(["ofer", "ada"], on, environment)).rejects.toMatchObject(refused);
      await expect(typed("experiences report", ["ofer"], on, environment)).rejects.toMatchObject(refused);
      expect((await typed("outcomes list", [], { ...on, experience: "ofer" }, environment)).noted).toBe(refused.message);
    }
  });

  test.each(["approvals", "audit", "cases", "dead", "decisions", "outcomes", "promises", "runs", "tasks"])(
    "%s list: an unknown customer is named, here and over HTTP",
    async (noun) => {
      for (const [on, environment] of [
        [{ data }, {}],
        [{}, there()],
      ] as const) {
        const { status, noted } = await typed(`${noun} list`, [], { ...on, customer: "nix" }, environment);
        expect([status, noted]).toEqual([0, "no customer nix in the store"]);
      }
      const { noted } = await typed(`${noun} list`, [], { data, customer: "ada" }, {});
      expect(noted).not.toContain("no customer");
    },
  );

  test("intents try: the same over HTTP, and of a folder without a store", async () => {
    const text = "could you cancel my contract please";
    const { out } = await typed("intents try", [text], { json: true }, there());
    expect(JSON.parse(out)).toEqual(await running.service.lookUps.intents.try({ text }));
    expect(JSON.parse(out)).toMatchObject({ text, by: "classifier", opens: ["cancel"] });
    const folder = startSentient(["intents", "try", "what is the weather"], {}, workspace);
    expect(await folder.ended).toBe(0);
    expect(folder.lines[0]).toBe("opens none of them: no confidence reaches 0.58");
    await expect(typed("intents try", [" "], {}, there())).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  test("render: with a workspace folder and no store, the customer of customers.jsonl", async () => {
    const before = startSentient(["render", "offer", "ada", "--json", "--quiet"], {}, workspace);
    expect(await before.ended).toBe(0);
    expect(JSON.parse(before.lines.join(""))).toMatchObject({
      customerId: "ada",
      content: { subject: "For Ada" },
      facts: { name: { value: "Ada", source: "import" } },
    });
    const stale = startSentient(["render", "ends", "ada"], {}, workspace);
    expect(await stale.ended).toBe(1);
    expect(stale.lines.join("\n")).toMatch(
      /fact_stale +plan\.endsOn is \d+d old \(import\)\n +send a newer value from a source, or raise maxAge/,
    );
    const unknown = startSentient(["render", "ends", "bob"], {}, workspace);
    expect(await unknown.ended).toBe(1);
    expect(unknown.lines.join("\n")).toContain("customers.jsonl has ada; --data DIR names a store");
  });
});
