import { afterEach, expect, test } from "vitest";
import type { Json } from "../domain/json.ts";
import type { Model } from "../models/model.ts";
import { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from "../models/scripted.ts";
import { type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf(
  `
  name: Northwind
  moments:
    message: {on: message.received, expires: 2d}
    spring: {on: campaign.started, expires: 3d}
  channels: {mail: {kind: file}, chat: {kind: file}, desk: {kind: human, queue: showroom}}
  promises: {reply: {due: 4h, owner: service, whileOpen: {suppress: [sales]}}}
  governance:
    consent: {mail: opt_out, chat: opt_out}
    quietHours: [{from: "00:00", to: "23:59"}]
    caps: [{id: weekly, max: 1, window: 7d}]
  brand: {voice: warm, banned: [cheap]}
  `,
  [
    "id: campaign\nserves: [spring]\ndepartment: sales\ntransactional: true\nchannels: {mail: {text: The roof rack is back.}}",
    `
    id: answer
    serves: [message]
    department: service
    transactional: true
    channels:
      chat: {text: "Thank you, {{ customer.firstName | default: 'you' }}. A colleague answers soon."}
      mail: {text: Thank you. A colleague answers soon.}
    converse:
      brief: We sell roof racks. The roof rack costs 200 and fits every wagon. Gladly we change an address.
      tools:
        change_address: {tool: update_traits, about: Changes where we deliver., asks: {traits.address: the new address}, confirm: Shall we deliver here from now on?}
        offer_rack: {tool: issue_offer, about: A code for the roof rack., with: {percent: 10, validFor: 3d}}
        follow_up: {tool: open_case, about: A sales representative gets in touch., with: {queue: sales}, asks: {subject: what it is about}}
    `,
  ],
);

let opened: OperatedStore | undefined;
afterEach(() => opened?.runtime.close());

interface Talk extends OperatedStore {
  readonly model: ScriptedModel;
  says(...script: readonly ScriptedAnswer[]): void;
}

async function open(...script: readonly ScriptedAnswer[]): Promise<Talk> {
  let current = createScriptedModel(script);
  const model: Model = { name: "scripted", ask: (question) => current.ask(question) };
  opened = await openOperated(POLICY, {}, () => model);
  await opened.customers({ id: "c-1", traits: { firstName: "Dana", address: "1 Elm Street" } });
  return {
    ...opened,
    get model() {
      return current;
    },
    says: (...next) => {
      current = createScriptedModel(next);
    },
  };
}

const say = (text: string): ScriptedAnswer => ({ prompt: "converse", says: { calls: [], say: text } });
const call = (tool: string, input: Record<string, string> = {}): ScriptedAnswer => ({
  prompt: "converse",
  says: { calls: [{ tool, input: Object.entries(input).map(([name, value]) => ({ name, value })) }], say: "" },
});
const dead: ScriptedAnswer = { prompt: "converse", fails: "connection_refused", always: true };

const message = (time: string, text: string, channel = "chat") => [`2026-06-02T${time}Z`, "message.received", { channel, text }] as const;
const until = (time: string) => `2026-06-02T${time}Z`;

const deliveries = (talk: OperatedStore) =>
  talk.rows("select experience_id, channel, status, recorded, reason, content->>'text' as text, action_result from deliveries order by reserved_at");
const texts = async (talk: OperatedStore) => (await deliveries(talk)).map(({ text }) => text);
const tasks = (talk: OperatedStore) => talk.rows("select queue, summary, facts, promise_id, state from tasks order by created_at");
const promises = (talk: OperatedStore) => talk.rows("select name, ended, overdue from promises order by opened_at");
const calls = (talk: OperatedStore) => talk.rows("select tool, status, input from tool_calls order by created_at, call_key");
const address = async (talk: OperatedStore): Promise<Json> =>
  (await talk.rows("select claims->'address'->'sentient'->'value' as address from customers"))[0]?.address as Json;

test("a message is answered by the assistant, which says at first contact that it is one, and the reply is kept", async () => {
  const talk = await open(say("The roof rack costs 200."), say("Every wagon."));
  await talk.play([message("15:00:00", "What is the roof rack?")], until("15:01:00"));
  await talk.play([message("15:10:00", "And what does it fit?")], until("15:11:00"));
  expect(await deliveries(talk)).toMatchObject([
    {
      experience_id: "answer",
      channel: "chat",
      status: "sent",
      recorded: true,
      text: "I am the automated assistant of Northwind.\n\nThe roof rack costs 200.",
    },
    { status: "sent", text: "Every wagon." },
  ]);
  expect(await promises(talk)).toEqual([
    { name: "reply", ended: "kept", overdue: false },
    { name: "reply", ended: "kept", overdue: false },
  ]);
  expect(talk.model.asked.at(-1)?.user).toContain("The roof rack costs 200.");
});

test("messages in a burst are one turn with one answer", async () => {
  const talk = await open(say("The roof rack costs 200."));
  const decisions = await talk.play(
    [message("15:00:00", "Hello"), message("15:00:03", "about the roof rack"), message("15:00:06", "what is it?")],
    until("15:01:00"),
  );
  expect(decisions.map(({ action, until: at }) => [action, at])).toEqual([
    ["defer", "2026-06-02T15:00:05Z"],
    ["defer", "2026-06-02T15:00:08Z"],
    ["defer", "2026-06-02T15:00:11Z"],
    ["deliver", undefined],
  ]);
  expect(await texts(talk)).toHaveLength(1);
  expect(talk.model.asked[0]?.user).toContain('["Hello","about the roof rack","what is it?"]');
});

test("a change is put to the customer first, and done when she says yes and nothing else", async () => {
  const talk = await open(call("change_address", { "traits.address": "12 Oak Lane" }), say("Gladly."));
  await talk.play([message("15:00:00", "Please deliver to 12 Oak Lane")], until("15:01:00"));
  expect(await calls(talk)).toEqual([]);
  expect((await texts(talk))[0]).toContain("Gladly.\n\nShall we deliver here from now on?\n12 Oak Lane\n(yes / no)");
  talk.says(say("It is done."));
  await talk.play([message("15:10:00", "Yes!")], until("15:11:00"));
  expect(await calls(talk)).toMatchObject([{ tool: "update_traits", status: "done", input: { traits: { address: "12 Oak Lane" } } }]);
  expect(await address(talk)).toBe("12 Oak Lane");
});

test.each(["No", "Yes, but to 14 Oak Lane", "What else is there?"])("what is not confirmed is not done: %s", async (word) => {
  const talk = await open(call("change_address", { "traits.address": "12 Oak Lane" }), say("Gladly."));
  await talk.play([message("15:00:00", "Please deliver to 12 Oak Lane")], until("15:01:00"));
  talk.says(say("All right."), say("All right."));
  await talk.play([message("15:10:00", word)], until("15:11:00"));
  await talk.play([message("15:20:00", "yes")], until("15:21:00"));
  expect(await calls(talk)).toEqual([]);
  expect(await address(talk)).toBeNull();
});

test("where the model gives no answer the author's text goes out, and a human gets what is known and the reply that is owed", async () => {
  const talk = await open(dead);
  await talk.play([message("15:00:00", "What is the roof rack?")], until("15:01:00"));
  expect(await texts(talk)).toEqual(["Thank you, Dana. A colleague answers soon."]);
  const [task] = await tasks(talk);
  expect(task).toMatchObject({
    queue: "service",
    summary: 'answer c-1 on chat: "What is the roof rack?"',
    facts: { why: "the language model gave no answer (connection_refused)", messages: ["What is the roof rack?"] },
  });
  expect(await promises(talk)).toEqual([{ name: "reply", ended: null, overdue: false }]);
  // While a human has it the assistant is silent, and the promise falls due.
  const [silence] = await talk.play([message("15:30:00", "Hello?")], until("15:40:00"));
  expect(silence).toMatchObject({ action: "silence", reasons: [{ code: "human_takeover" }] });
  await talk.play([], until("19:30:00"));
  expect(await texts(talk)).toHaveLength(1);
  expect((await tasks(talk)).map(({ summary }) => String(summary).slice(0, 7))).toEqual(["answer ", "overdue"]);
  // Once it is done nothing is owed, and nothing is said to old messages.
  const [open_] = await talk.operations.tasks.list({ limit: 9 });
  await talk.judge(await talk.operations.tasks.done(open_?.taskId ?? "", { by: "Kim" }));
  expect(await texts(talk)).toHaveLength(1);
});
