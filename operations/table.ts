import { z } from "zod";
import { DATA_IDS } from "../domain/entities/signal.ts";
import { shown } from "../domain/identity/masking.ts";
import type { Permission } from "../domain/identity/roles.ts";
import { type Json, parseGuarded, SIGNAL_LIMITS } from "../domain/values/json.ts";
import { ListedDecisions } from "./decisions/queries.ts";
import { DecisionLinesView } from "./decisions/views.ts";
import {
  DecisionView,
  ExperienceView,
  ExplanationView,
  OutcomeView,
  RenderedView,
  ReportView,
  RunView,
  ShownApprovalView,
  TriedView,
} from "./look-up-views.ts";
import type { LookUps } from "./look-ups.ts";
import {
  ListedApprovals,
  ListedCalls,
  ListedDead,
  ListedDeliveries,
  ListedErasures,
  ListedOutcomes,
  ListedPages,
  ListedPromises,
  ListedRecords,
  ListedTasks,
} from "./monitoring/queries.ts";
import { CallsView, DeliveriesView, ErasedView, OverviewView } from "./monitoring/views.ts";
import type { Actor, Operations } from "./operation.ts";
import { peopleLookUps, touchLine } from "./people/table.ts";
import {
  ApprovalOutcome,
  ApprovalView,
  AuditView,
  CaseOutcome,
  CaseView,
  CustomerExport,
  DeadView,
  Discarded,
  ErasureView,
  LiftOutcome,
  MergeOutcome,
  PauseOutcome,
  PauseView,
  PromiseOutcome,
  PromiseView,
  ResumeView,
  RetryOutcome,
  Revived,
  SplitView,
  TaskOutcome,
  TaskView,
} from "./views.ts";
import { DeliveryView, JudgementView, OneExperienceView, PolicyView, SignalView, WhyView } from "./why/views.ts";

// One line an operation. The routes of the server, their description and the client that commands use are made from it.

/** How an operation is asked for over HTTP. `Input` is what its function takes. */
export interface Declared<Input> {
  /** The permission that the caller's role needs. */
  readonly permission: Permission;
  readonly method: "get" | "post";
  /** `{id}` is the id in `Input`; any other name in braces is a member of it too. */
  readonly path: string;
  readonly summary: string;
  /** The rest of `Input`: read from the query of a `get`, from the JSON body of a `post`. */
  readonly input: z.ZodType<Omit<Input, "id">>;
  readonly answer: z.ZodType;
  /** The member of the answer that holds the list. */
  readonly list?: string;
  /** Over HTTP the list is read page by page: the answer has the cursor of the next one. */
  readonly paged?: true;
}

/** A line for each function of `T`. */
export type Table<T> = {
  readonly [Noun in keyof T]: {
    readonly [Verb in keyof T[Noun]]: T[Noun][Verb] extends (input: infer Input, actor: Actor) => unknown ? Declared<Input> : never;
  };
};

/** JSON in a query. */
const jsonText = z.string().transform((text, context): Json => {
  const read = parseGuarded(text, SIGNAL_LIMITS, DATA_IDS);
  if (read.ok) return read.value;
  context.addIssue({ code: "custom", message: read.problem });
  return z.NEVER;
});

const Reported = z.object({ experience: z.string().min(1).optional(), window: z.string().min(2).max(20).default("30d") });

const Nothing = z.object({});
const Target = z.discriminatedUnion("scope", [
  z.object({ scope: z.literal("all") }),
  z.object({ scope: z.enum(["channel", "department", "agent"]), name: z.string().min(1) }),
]);
const Targeted = z.object({ target: Target });
const DeadOnes = z.object({
  ids: z.array(z.string().min(1).max(200)).min(1).max(1_000).optional(),
  code: z.string().min(1).max(200).optional(),
  all: z.boolean().optional(),
});

const list = <Query extends z.ZodType>(name: string, summary: string, input: Query, entry: z.ZodType) =>
  ({
    permission: "read",
    method: "get",
    path: `/v1/${name}`,
    summary,
    input,
    answer: z.object({ [name]: z.array(entry) }),
    list: name,
  }) as const;
/** A list page by page. */
const pages = <Query extends z.ZodType>(name: string, summary: string, input: Query, entry: z.ZodType) => ({
  ...list(name, summary, input, entry),
  paged: true as const,
  answer: z.object({ [name]: z.array(entry), next: shown(z.string()).optional().describe("The cursor of what follows.") }),
});
const show = (path: string, summary: string, answer: z.ZodType) =>
  ({ permission: "read", method: "get", path, summary, input: Nothing, answer }) as const;
const act = <Input extends z.ZodType>(permission: Permission, path: string, summary: string, input: Input, answer: z.ZodType) =>
  ({ permission, method: "post", path, summary, input, answer }) as const;

export const lookUpTable = {
  approvals: {
    show: show(
      "/v1/approvals/{id}",
      "An approval with the message as it would be sent: text, facts, action and amount.",
      ShownApprovalView,
    ),
  },
  calls: {
    list: {
      ...show("/v1/calls", "Calls of tools: those that are open or went wrong, or those of a customer, the latest first.", CallsView),
      input: ListedCalls,
    },
  },
  customers: {
    ...peopleLookUps.customers,
    judgement: act(
      "read",
      "/v1/customers/{id}/judgement",
      "How a customer would be judged if woken now; nothing is written and no language model is asked.",
      Nothing,
      JudgementView,
    ),
  },
  decisions: {
    list: {
      ...list(
        "decisions",
        "The latest decisions, in order of time; with `view=line` a line each, newest first, filtered and page by page.",
        ListedDecisions,
        DecisionView,
      ),
      answer: z.union([DecisionLinesView, z.object({ decisions: z.array(DecisionView) })]),
    },
    show: show("/v1/decisions/{id}", "A decision, by its id or the beginning of it.", DecisionView),
    explain: show(
      "/v1/decisions/{id}/explanation",
      "Explains a decision: why it won, why the others did not, what would have changed it, and the questions to a language model.",
      ExplanationView,
    ),
  },
  deliveries: {
    list: {
      ...show("/v1/deliveries", "Deliveries that are open or went wrong, or those of a customer, the latest first.", DeliveriesView),
      input: ListedDeliveries,
    },
    show: {
      ...show("/v1/deliveries/{id}", "A delivery with its text, facts, history, receipts and the provider's answer.", DeliveryView),
      permission: "content",
    },
  },
  erasures: {
    list: pages(
      "erasures",
      "When and by whom people were erased, the latest first; who they were is not kept.",
      ListedErasures,
      ErasedView,
    ),
  },
  experiences: {
    show: show("/v1/catalogue/{id}", "One experience, with its rules and texts as written, and where it is kept.", OneExperienceView),
    list: list("experiences", "The catalogue: what can be done for a moment.", Nothing, ExperienceView),
    report: {
      ...list("experiences", "What became of experiences within a window: reach, outcomes, what held them, lift.", Reported, ReportView),
      path: "/v1/experiences/report",
    },
    render: {
      ...show("/v1/experiences/{id}/render", "A message as it would go, with its facts; nothing is sent or kept.", RenderedView),
      permission: "content",
      input: z.object({
        customer: z.string("expected customer, an id").min(1).max(512),
        channel: z.string().min(1).optional(),
        variant: z.string().min(1).optional(),
        locale: z.string().min(1).max(60).optional().describe("As if this were the customer's language."),
        signal: jsonText.optional().describe("A signal, as JSON, that is taken as if it had just come."),
      }),
    },
  },
  intents: {
    try: act(
      "read",
      "/v1/intents/try",
      "Which moments a text would open, how sure, and by which examples; nothing is recorded.",
      z.object({ text: z.string("expected text").trim().min(1, "expected a text that says something").max(20_000) }),
      TriedView,
    ),
  },
  outcomes: { list: pages("outcomes", "What became of deliveries, the latest first.", ListedOutcomes, OutcomeView) },
  overview: {
    show: show("/v1/overview", "What waits for people, what is late, what is stuck, and today against the usual day.", OverviewView),
  },
  policy: { show: show("/v1/policy", "The rules of the workspace in its author's words.", PolicyView) },
  runs: {
    list: pages("runs", "Executions of the graph, the latest first.", ListedPages, RunView),
    show: show("/v1/runs/{id}", "The steps and tool calls of a run.", RunView),
  },
  signals: {
    show: {
      ...show("/v1/signals/{source}/{id}", "One signal as it came, also one that waits or was given up.", SignalView),
      permission: "content",
      input: z.object({}) as unknown as z.ZodType<{ readonly source: string }>,
    },
  },
  why: {
    show: {
      ...show("/v1/why", "Why a customer did not get an experience, or did: the first rung that says no.", WhyView),
      input: z.object({
        customer: z.string("expected customer, an id").min(1).max(512),
        experience: z.string("expected experience, an id").min(1).max(200),
        from: z.string().max(40).optional().describe("Default: seven days before to."),
        to: z.string().max(40).optional().describe("Default: now."),
      }),
    },
  },
  search: peopleLookUps.search,
} satisfies Table<LookUps>;

export const operationTable = {
  tasks: {
    list: pages("tasks", "Work for humans, by queue, earliest due date first.", ListedTasks, TaskView),
    show: show("/v1/tasks/{id}", "A task, by its id or the beginning of it.", TaskView),
    claim: act("task", "/v1/tasks/{id}/claim", "Takes a task.", z.object({ takeOver: z.boolean().optional() }), TaskOutcome),
    done: act(
      "task",
      "/v1/tasks/{id}/done",
      "Ends a task; with `contacted` the customer was contacted over it, which is a touch.",
      z.object({ contacted: z.enum(["visit", "call", "chat"]).optional() }),
      TaskOutcome,
    ),
  },
  approvals: {
    list: pages("approvals", "Decisions that wait for approval, in the order in which they were asked.", ListedApprovals, ApprovalView),
    approve: act(
      "approve",
      "/v1/approvals/{id}/approve",
      "Approves: the customer is decided again, and the message is sent if it still wins.",
      Nothing,
      ApprovalOutcome,
    ),
    reject: act("approve", "/v1/approvals/{id}/reject", "Rejects, for as long as the moment is open.", Nothing, ApprovalOutcome),
  },
  promises: {
    list: pages("promises", "Promises to customers, earliest due date first.", ListedPromises, PromiseView),
    show: show("/v1/promises/{id}", "A promise, by its id or the beginning of it.", PromiseView),
    kept: act("task", "/v1/promises/{id}/kept", "Marks a promise as kept.", Nothing, PromiseOutcome),
  },
  cases: {
    list: pages("cases", "Service cases of customers, open ones first.", ListedRecords, CaseView),
    close: act(
      "task",
      "/v1/cases/{id}/close",
      "Closes a customer's service case, by its whole id.",
      z.object({ customerId: z.string().min(1).max(512) }),
      CaseOutcome,
    ),
  },
  runs: {
    retry: act(
      "operate",
      "/v1/runs/{id}/retry",
      "Decides again what a run has left undone.",
      z.object({ force: z.boolean().optional() }),
      RetryOutcome,
    ),
  },
  customers: {
    touch: touchLine,
    export: act("person", "/v1/customers/{id}/export", "Everything held about a person, as one document.", Nothing, CustomerExport),
    erase: act(
      "person",
      "/v1/customers/{id}/erase",
      "Erases everything held about a person; only keyed hashes of the addresses stay.",
      Nothing,
      ErasureView,
    ),
    lift: act(
      "person",
      "/v1/customers/{id}/lift",
      "Makes one undeliverable address, or all of them, usable again.",
      z.object({ address: z.string().min(1).max(4_000).optional() }),
      LiftOutcome,
    ),
    merge: act(
      "person",
      "/v1/customers/{id}/merge",
      "Merges a customer into another one; both source records stay.",
      z.object({ into: z.string("expected into, the id of the other customer").min(1).max(512) }),
      MergeOutcome,
    ),
    split: act("person", "/v1/customers/{id}/split", "Removes the link of a merge; both customers are separate again.", Nothing, SplitView),
  },
  pauses: {
    list: list("pauses", "Current pauses.", Nothing, PauseView),
    pause: act("operate", "/v1/pause", "Pauses everything, a channel, a department or an agent.", Targeted, PauseOutcome),
    resume: act("operate", "/v1/resume", "Ends a pause.", Targeted, ResumeView),
  },
  dead: {
    list: pages("dead", "Dead letters: signals and timers that failed too often, with the reason, latest first.", ListedDead, DeadView),
    revive: act("operate", "/v1/dead/revive", "Retries dead letters; a timer gets its due time back.", DeadOnes, Revived),
    discard: act(
      "operate",
      "/v1/dead/discard",
      "Discards dead letters for good; the same signal sent again is a duplicate.",
      DeadOnes,
      Discarded,
    ),
  },
  audit: {
    list: pages(
      "audit",
      "The latest changes by operators, in order of time; each page is older than the one before.",
      ListedPages,
      AuditView,
    ),
  },
} satisfies Table<Operations>;
