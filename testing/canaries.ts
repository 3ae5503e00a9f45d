import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeAnswer, type FakeOpenAi, openFakeOpenAi } from "./providers/fake-openai.ts";
import { type Received, startHttpProvider, type TestProvider } from "./providers/http-provider.ts";
import { type OtlpReceiver, openOtlpReceiver } from "./providers/otlp-receiver.ts";
import { startSmtpProvider, type TakenMail } from "./providers/smtp-provider.ts";

/** Secrets and content, by the path on which they enter. None may appear in logs, traces, metrics or errors. */
export const CANARY = {
  envKey: "canary-key-of-the-environment",
  header: "canary-in-a-header",
  userinfo: "canary-in-userinfo",
  query: "canary-in-a-query",
  jsonBody: "canary-in-a-json-body",
  cause: "canary-in-a-cause",
  providerEcho: "canary-of-a-provider",
  modelError: "canary-of-a-model",
  flag: "canary-behind-a-flag",
  email: "canary.mail@example.com",
  phone: "+15555550142",
  name: "Canaryella",
  text: "my canary wishes to be private",
  mailPassword: "mail-s3cret",
} as const;

export const WRITE = `write-${CANARY.envKey}`;
export const OPERATOR = `operator-${CANARY.envKey}`;
export const HOOK_SECRET = `whsec_${Buffer.from(`${CANARY.envKey} of the hook`).toString("base64")}`;
/** The part of the webhook secret that may appear nowhere. */
export const HOOK_SECRET_PART = HOOK_SECRET.slice("whsec_".length);

const FILES: Readonly<Record<string, string>> = {
  "sentient.yaml": `
version: 1
name: Test
timezone: UTC
departments: [care]
channels:
  hook: {kind: webhook, url: "\${HOOK_URL}", secret: "\${HOOK_SECRET}", headers: {x-key: "\${HOOK_KEY}"}, allowPrivate: true, address: none}
  sms: {kind: twilio, accountSid: AC1, authToken: "\${SMS_TOKEN}", from: "+15555550199", url: "\${SMS_URL}", allowPrivate: true}
  email: {kind: smtp, url: "\${SMTP_URL}", from: "Care <care@example.com>"}
  desk: {kind: human, queue: showroom, address: none}
moments:
  told: {on: go, expires: 30d}
  texted: {on: text, expires: 30d}
  mailed: {on: mail, expires: 30d}
  worded: {on: word, expires: 30d}
  asked: {on: message.received, says: [Where is my parcel?, When does my order come?], expires: 30d}
  judged: {on: ask, expires: 30d}
  acted: {on: act, expires: 30d}
  helped: {on: help, expires: 30d}
  costly: {on: buy, expires: 30d}
governance:
  consent: {hook: opt_out, sms: opt_out, email: opt_out, desk: opt_out}
  approval: [{when: experience.id == "costly", reason: It costs much.}]
model: {baseUrl: "\${OPENAI_BASE_URL}", name: small, limits: {call: 2s, run: 4s}}
`,
  "experiences/told.yaml": `
id: told
serves: [told]
status: approved
channels: {hook: {payload: {text: "Dear {{ customer.firstName }} of {{ customer.email }}, {{ customer.phone }}: {{ customer.password }}"}}}
`,
  "experiences/texted.yaml": `
id: texted
serves: [texted]
status: approved
channels: {sms: {text: "Dear {{ customer.firstName }}"}}
`,
  "experiences/mailed.yaml": `
id: mailed
serves: [mailed]
status: approved
channels: {email: {subject: "Dear {{ customer.firstName }}", body: "Hello {{ customer.firstName }}"}}
`,
  "experiences/worded.yaml": `
id: worded
serves: [worded]
status: approved
channels: {email: {subject: "Dear {{ customer.firstName }}", body: "Hello {{ customer.firstName }}", brief: Say it warmly.}}
`,
  "experiences/answered.yaml": `
id: answered
serves: [asked]
status: approved
channels: {hook: {payload: {text: "Soon, {{ customer.firstName }}"}}}
`,
  "experiences/judged.yaml": `
id: judged
serves: [judged]
status: approved
judge: {ask: The customer has a wish., without: fail}
channels: {hook: {payload: {text: "For {{ customer.firstName }}"}}}
`,
  "experiences/acted.yaml": `
id: acted
serves: [acted]
status: approved
action: {tool: break_off, input: {how: "{{ customer.firstName }}"}}
channels: {hook: {payload: {text: "Done"}}}
`,
  "experiences/helped.yaml": `
id: helped
serves: [helped]
status: approved
channels: {desk: {summary: "Call {{ customer.firstName }}"}}
`,
  "experiences/costly.yaml": `
id: costly
serves: [costly]
status: approved
channels: {hook: {payload: {text: "Sold to {{ customer.firstName }}"}}}
`,
  "tools/break-off.ts": `
import { defineTool } from "sentient";
import { z } from "zod";
export const breakOff = defineTool({
  name: "break_off",
  description: "Fails with what it was given.",
  effect: "write",
  input: z.strictObject({ how: z.string() }),
  output: z.object({}),
  idempotencyKey: (_input, { key }) => key,
  run: async ({ how }) => {
    throw new Error("no slot for " + how, { cause: new Error("${CANARY.cause}") });
  },
});
`,
  // Input files for commands, with errors beside the secrets.
  "bad-customers.jsonl": `{"id": "x", "traits": "${CANARY.jsonBody}"}\n{"id": ${CANARY.name}\n{"id": "y", "at": "${CANARY.text}"}\n`,
  "bad-signals.jsonl": `{"specversion": "${CANARY.jsonBody}"}\n{"text": "${CANARY.text}"\n`,
  "bad-log.jsonl": `{"context": {"name": "${CANARY.name}"}, "action": ${CANARY.jsonBody}\n`,
  "bad/sentient.yaml": `version: 1\nname: Bad\nchannels:\n  hook: {kind: webhook, secret: "\${HOOK_SECRET}, url: ${CANARY.jsonBody}\n`,
  "wrong/sentient.yaml": `
version: 1
name: Wrong
channels:
  hook: {kind: webhook, url: "\${WRONG_URL}", secret: "\${HOOK_SECRET}"}
  email: {kind: smtp, url: "\${WRONG_URL}", from: "\${HOOK_KEY}"}
  push: {kind: push, subject: "\${HOOK_KEY}", publicKey: "\${HOOK_KEY}", privateKey: "\${HOOK_KEY}"}
model: {baseUrl: "\${WRONG_URL}"}
`,
};

/** The environment of a service, with canaries in everything it sends. */
export interface Surroundings {
  readonly dir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly hook: TestProvider<Received>;
  readonly sms: TestProvider<Received>;
  readonly mail: TestProvider<TakenMail>;
  readonly model: FakeOpenAi;
  readonly collector: OtlpReceiver;
  /** Sets the answer of the language model from now on. */
  answers(next: FakeAnswer): void;
  close(): Promise<void>;
}

/** Opens a workspace in a folder, with its providers, language model and trace collector. */
export async function openSurroundings(): Promise<Surroundings> {
  const dir = mkdtempSync(join(tmpdir(), "sentient-canaries-"));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(dir, name, ".."), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const echo = ({ headers, body }: Received): string =>
    JSON.stringify({ code: 20_003, message: `${CANARY.providerEcho} ${JSON.stringify(headers)} ${body}` });
  let answer: FakeAnswer = { value: { verdicts: [] } };
  const hook = await startHttpProvider({ status: 200, body: echo });
  const sms = await startHttpProvider({ status: 400, body: echo });
  const mail = await startSmtpProvider();
  const model = await openFakeOpenAi(() => answer);
  const collector = await openOtlpReceiver();
  return {
    ...{ dir, hook, sms, mail, model, collector },
    environment: environmentFor({ hook, sms, mail, model, collector }),
    answers: (next) => {
      answer = next;
    },
    close: async () => {
      await Promise.all([hook, sms, mail, model, collector].map((one) => one.close()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

// --- internal ---

const environmentFor = ({ hook, sms, mail, model, collector }: Pick<Surroundings, "hook" | "sms" | "mail" | "model" | "collector">) => ({
  SENTIENT_WRITE_KEYS: WRITE,
  SENTIENT_OPERATOR_KEYS: OPERATOR,
  SENTIENT_PUBLIC_URL: "https://care.example.com",
  HOOK_URL: `${hook.url}/in?token=${CANARY.query}`,
  HOOK_SECRET,
  HOOK_KEY: CANARY.header,
  SMS_URL: sms.url,
  SMS_TOKEN: `sms-${CANARY.envKey}`,
  SMTP_URL: mail.url,
  OPENAI_BASE_URL: model.url,
  OPENAI_API_KEY: `model-${CANARY.envKey}`,
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY.header}`,
  OTEL_BSP_SCHEDULE_DELAY: "100",
  // The most verbose settings of every dependency; the product itself has one log level, and --debug.
  ...{ LOG_LEVEL: "debug", DEBUG: "*", OPENAI_LOG: "debug", OTEL_LOG_LEVEL: "debug", LANGCHAIN_VERBOSE: "true" },
});
