import type { Json } from "../domain/values/json.ts";
import type { Model } from "../models/model.ts";
import { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from "../models/scripted.ts";
import { type OperatedStore, openOperated } from "./operated-store.ts";
import { policyOf } from "./policy.ts";

/** A shop whose messages an assistant answers; quiet hours last all day and its only cap is soon used up. */
export const NORTHWIND = policyOf(
  `
  name: Northwind
  moments:
    message: {on: message.received, expires: 2d}
    asks_for_fleet: {on: message.received, when: signal.data.text == "We want a fleet", expires: 2d}
    asks_for_hours: {on: message.received, when: signal.data.text == "When are you open?", expires: 2d}
    spring: {on: campaign.started, expires: 3d}
    visit: {on: store.entered, expires: 1h}
  channels: {mail: {kind: file}, chat: {kind: file}, desk: {kind: human, queue: showroom}}
  promises: {reply: {due: 4h, owner: service, whileOpen: {suppress: [sales]}}}
  learning: {explore: none}
  governance:
    consent: {mail: opt_out, chat: opt_out}
    quietHours: [{from: "00:00", to: "23:59"}]
    caps: [{id: weekly, max: 1, window: 7d}]
  brand: {voice: warm, banned: [cheap]}
  `,
  [
    "id: greet\nserves: [visit]\nchannels: {desk: {summary: 'Greet {{ customer.firstName }}'}}",
    `
    id: fleet
    serves: [asks_for_fleet]
    value: 3
    transactional: true
    channels: {mail: {text: Sales gets in touch.}}
    converse:
      brief: Sales gets in touch.
      handOver: {queue: sales, case: true}
      tools: {follow_up: {tool: open_case, with: {queue: sales}, asks: {subject: what it is about}}}
    `,
    `
    id: hours
    serves: [asks_for_hours]
    value: 2
    transactional: true
    channels: {chat: {text: We are open from nine to six.}}
    converse: {brief: We are open from nine to six., without: text}
    `,
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
        offer_rack: {tool: issue_offer, about: A code for the roof rack., with: {percent: 10, validFor: 3d}, once: 1d}
        follow_up: {tool: open_case, about: A sales representative gets in touch., with: {queue: sales}, asks: {subject: what it is about}}
    `,
  ],
);

/** One store with a model and one without, which the talks of a file have one after the other. */
const opened: Partial<Record<"model" | "none", OperatedStore>> = {};

/** The model of the current talk. */
let asked: Model;

/** Closes the stores of this file's talks; another file in this process opens its own. */
export async function closeTalks(): Promise<void> {
  for (const kind of ["model", "none"] as const) {
    await opened[kind]?.runtime.close();
    delete opened[kind];
  }
}

export interface Talk extends OperatedStore {
  readonly model: ScriptedModel;
  /** Sets the model's script from now on. */
  says(...script: readonly ScriptedAnswer[]): void;
  /** Alternatively: a slow model that reads its prompt. */
  thinks(thought: (user: string) => Promise<Json>): void;
}

/** An empty store with one customer and a scripted assistant. It ends the talk before. */
export async function openTalk(...script: readonly ScriptedAnswer[] | readonly ["none"]): Promise<Talk> {
  const hasModel = script[0] !== "none";
  let current = createScriptedModel(script.filter((one) => one !== "none"));
  let thinking: ((user: string) => Promise<Json>) | undefined;
  asked = {
    name: "scripted",
    async ask(question) {
      const thought = await thinking?.(question.user);
      if (thought !== undefined) current = createScriptedModel([{ prompt: "converse", says: thought }]);
      return current.ask(question);
    },
  };
  const store = await emptyStore(hasModel ? "model" : "none");
  await store.customers({ id: "c-1", traits: { firstName: "Dana", address: "1 Elm Street" } });
  return {
    ...store,
    get model() {
      return current;
    },
    says: (...next) => {
      current = createScriptedModel(next);
    },
    thinks: (thought) => {
      thinking = thought;
    },
  };
}

export const say = (text: string): ScriptedAnswer => ({ prompt: "converse", says: { calls: [], say: text } });
export const call = (tool: string, input: Record<string, string> = {}): ScriptedAnswer => ({
  prompt: "converse",
  says: { calls: [{ tool, input: Object.entries(input).map(([name, value]) => ({ name, value })) }], say: "" },
});
export const sayCode: ScriptedAnswer = {
  prompt: "converse",
  says: (user) => ({ calls: [], say: `Your code is ${/"code":"([^"]+)"/.exec(user)?.[1]}.` }),
};
export const dead: ScriptedAnswer = { prompt: "converse", fails: "connection_refused", always: true };

export const message = (time: string, text: string, channel = "chat", subject = "c-1") =>
  [`2026-06-02T${time}Z`, "message.received", { channel, text, subject }] as const;

export const until = (time: string) => `2026-06-02T${time}Z`;

export const deliveries = (talk: OperatedStore) =>
  talk.rows(
    "select experience_id, channel, status, recorded, reason, content->>'text' as text, action_result from deliveries order by reserved_at",
  );
export const texts = async (talk: OperatedStore) => (await deliveries(talk)).map(({ text }) => text);
export const tasks = (talk: OperatedStore) => talk.rows("select queue, summary, facts, promise_id, state from tasks order by created_at");
export const promises = (talk: OperatedStore) => talk.rows("select name, ended, overdue from promises order by opened_at");
export const calls = (talk: OperatedStore) => talk.rows("select tool, status, input from tool_calls order by created_at, call_key");
export const address = async (talk: OperatedStore): Promise<Json> =>
  (await talk.rows("select claims->'address'->'sentient'->'value' as address from customers"))[0]?.address as Json;

// --- internal ---

/** Counts the talks: each has a model of its own name, so no answer is remembered from the talk before. */
let talks = 0;

async function emptyStore(kind: keyof typeof opened): Promise<OperatedStore> {
  talks++;
  const known = opened[kind];
  await known?.runtime.store.clear();
  if (known) return known;
  const current: Model = {
    get name() {
      return `scripted-${talks}`;
    },
    ask: (question) => asked.ask(question),
  };
  const store = await openOperated(NORTHWIND, {}, kind === "model" ? () => current : undefined);
  opened[kind] = store;
  return store;
}
