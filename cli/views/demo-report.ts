import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { compareDepartments, DEFINITION, type Message } from "../../domain/story/compare-departments.ts";
import { iso } from "../../domain/values/time.ts";
import type { StreamResult } from "../../engine/run-stream.ts";
import type { CustomerLine } from "../../workspace/schema.ts";
import { attentionOf, touchesOf } from "./demo-contacts.ts";
import { type About, kindOf, whyNot } from "./demo-reasons.ts";
import { rowOf, type StoryEvent, type StoryRow, storyOf } from "./demo-story.ts";
import { type CustomerTotals, countKinds, fateOf, inOrder, type Totals, totalsOf } from "./demo-totals.ts";

/** A replay, with all inputs of its decisions. */
export interface Recording {
  readonly policy: Policy;
  readonly customers: readonly CustomerLine[];
  readonly signals: readonly SignalEvent[];
  readonly decisions: readonly Decision[];
  /** Tasks for people, including promises that were not kept in time. */
  readonly tasks: readonly {
    readonly customerId: string | null;
    readonly queue: string;
    readonly summary: string;
    readonly due: string;
    readonly facts: Readonly<Record<string, unknown>>;
  }[];
  readonly result: StreamResult;
}

/** The demo's results, as data. */
export interface DemoReport {
  readonly workspace: string;
  readonly folder: string;
  readonly departments: number;
  readonly from: string;
  readonly until: string;
  readonly signals: number;
  readonly duplicates: number;
  readonly decisions: number;
  readonly definition: string;
  readonly followed: { readonly customerId: string; readonly name: string; readonly story: readonly StoryEvent[] };
  readonly customers: readonly CustomerTotals[];
  /** For each other customer the message with the rarest reason; `department` is the customer's first name. */
  readonly examples: readonly StoryRow[];
  readonly totals: Totals;
  readonly messages: readonly MessageReport[];
  readonly tasks: Recording["tasks"];
  readonly next: readonly { readonly command: string; readonly shows: string }[];
}

export interface MessageReport {
  readonly customerId: string;
  readonly experienceId: string;
  readonly department: string;
  readonly outcome: CustomerTotals["pattern"][number];
  readonly aloneAt?: string;
  readonly sentAt?: string;
  readonly channel?: string;
  readonly text?: string;
  readonly whyNot?: string;
}

/** Compares the messages that the departments alone would have sent with those sent, for all customers and in detail for one. */
export function demoReport(recording: Recording, { followed, folder }: { followed: string; folder: string }): DemoReport {
  const { policy, customers, signals, decisions, tasks, result } = recording;
  const messages = inOrder(compareDepartments(policy, decisions));
  const people = customers.map(({ id, traits, timezone = policy.timezone }) => ({
    customerId: id,
    zone: timezone,
    name: [traits.firstName, traits.lastName].filter((part) => typeof part === "string").join(" ") || id,
    about: {
      policy,
      firstName: String(traits.firstName ?? id),
      touches: touchesOf(id, messages, signals),
      messages: messages.filter(({ customerId }) => customerId === id),
    } satisfies About,
  }));
  const one = people.find(({ customerId }) => customerId === followed) ?? people[0];
  const aboutOf = (customerId: string) => people.find((person) => person.customerId === customerId)?.about;
  return {
    ...{ workspace: policy.name, folder, departments: policy.departments.length },
    from: signals[0]?.time ?? "",
    until: iso(result.clock),
    ...{ signals: result.signals, duplicates: result.duplicates, decisions: decisions.length, definition: DEFINITION },
    followed: {
      customerId: followed,
      name: one?.name ?? followed,
      story: one ? storyOf({ customerId: followed, messages, decisions, signals, about: one.about, zone: one.zone }) : [],
    },
    customers: people.map(({ customerId, name }) => customerTotals(customerId, name, messages, tasks)),
    examples: people
      .filter(({ customerId }) => customerId !== followed)
      .flatMap(({ about, customerId }) => exampleOf(customerId, about, messages) ?? []),
    totals: {
      ...totalsOf(messages),
      tasks: tasks.length,
      overdue: tasks.filter(({ facts }) => facts.promise !== undefined).length,
      attention: attention(people, recording, messages),
    },
    messages: messages.map((message) => messageReport(message, aboutOf(message.customerId))),
    tasks: tasks.map(({ customerId, queue, summary, due, facts }) => ({ customerId, queue, summary, due, facts })),
    next: nextSteps(folder, messages, followed),
  };
}

// --- internal ---

function customerTotals(customerId: string, name: string, all: readonly Message[], tasks: Recording["tasks"]): CustomerTotals {
  const messages = all.filter((message) => message.customerId === customerId);
  const held = messages.filter(({ sent }) => !sent);
  return {
    customerId,
    name,
    alone: messages.filter(({ alone }) => alone).length,
    sent: messages.length - held.length,
    held: held.length,
    tasks: tasks.filter((task) => task.customerId === customerId).length,
    pattern: messages.map(fateOf),
    because: countKinds(held),
  };
}

function messageReport(message: Message, about: About | undefined): MessageReport {
  const { customerId, experienceId, department, alone, sent } = message;
  const outcome = fateOf(message);
  return {
    ...{ customerId, experienceId, department, outcome },
    ...(alone ? { aloneAt: iso(alone.at) } : {}),
    ...(sent ? { sentAt: iso(sent.at), channel: sent.channel, text: sent.text } : {}),
    ...(about && (outcome === "held" || outcome === "later") ? { whyNot: whyNot(message, about) } : {}),
  };
}

function attention(
  people: readonly { readonly customerId: string; readonly zone: string }[],
  { policy, signals }: Recording,
  messages: readonly Message[],
): Totals["attention"] {
  const measure = (as: "alone" | "sent") =>
    attentionOf(
      people.map(({ customerId, zone }) => ({ zone, touches: touchesOf(customerId, messages, signals, as) })),
      policy,
    );
  return { alone: measure("alone"), sentient: measure("sent") };
}

/** The most telling message of a customer: one that only the shared record could suggest, or the one with the rarest reason. */
function exampleOf(customerId: string, about: About, messages: readonly Message[]): StoryRow | undefined {
  const counts = new Map(countKinds(messages).map(({ reason, count }) => [reason, count]));
  const rarity = (message: Message) => (message.alone ? (counts.get(kindOf(message)) ?? 0) : 0);
  const telling = messages.filter((message) => message.customerId === customerId && ["held", "later", "extra"].includes(fateOf(message)));
  const [first] = telling.sort((a, b) => rarity(a) - rarity(b));
  return first && { ...rowOf(first, about), department: about.firstName };
}

/** Follow-up commands, with ids that are the same in every replay of the same files. */
function nextSteps(folder: string, messages: readonly Message[], followed: string): DemoReport["next"] {
  const held = messages.filter(({ customerId, sent }) => customerId === followed && !sent);
  const example = held.findLast(({ alone }) => alone?.reasons.some(({ code }) => code === "cap_reached")) ?? held.at(-1);
  const decisionId = example?.alone?.decision.decisionId;
  return [
    { command: `npx sentient run ${folder} --data .sentient`, shows: "keeps the story" },
    ...(decisionId === undefined
      ? []
      : [{ command: `npx sentient decisions explain ${decisionId.slice(0, 12)}`, shows: "why one waited" }]),
    { command: `npx sentient customers show ${followed}`, shows: "fields, with sources" },
    { command: `npx sentient check ${folder}`, shows: "after a change" },
  ];
}
