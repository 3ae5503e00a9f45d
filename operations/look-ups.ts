import type { Explained } from "../domain/deciding/explained.ts";
import type { ActionOutput } from "../domain/deciding/preview.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { type Profile, profileOf } from "../domain/record/profile.ts";
import type { Json } from "../domain/values/json.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { Judgement } from "../domain/why/judgement.ts";
import type { Why } from "../domain/why/why.ts";
import type { WhatIf } from "../engine/considering/consider-again.ts";
import type { TriedText, TryText } from "../engine/try-text.ts";
import type { ErasurePlace } from "../store/reading/operations-people.ts";
import type { OutcomePlace, OutcomeRecord, RunPlace, RunRecord, RunSummary } from "../store/reading/readings.ts";
import type { Store } from "../store/store.ts";
import { type ShownApproval, showApproval } from "./approvals.ts";
import { type ExplainRequest, explainDecision } from "./decisions/explain-decision.ts";
import { type DecisionsRequest, listDecisions } from "./decisions/list-decisions.ts";
import type { LinesRequest } from "./decisions/list-lines.ts";
import type { DecisionLinesView } from "./decisions/views.ts";
import { type OperationDeps, storeTime } from "./deps.ts";
import { type ExperienceReport, type ReportRequest, reportExperiences } from "./experience-report.ts";
import { type ExperienceSummary, type RenderedMessage, type RenderRequest, renderMessage, summaryOf } from "./experiences.ts";
import { type CallsRequest, listCalls } from "./monitoring/list-calls.ts";
import { type DeliveriesRequest, listDeliveries } from "./monitoring/list-deliveries.ts";
import { type PageFrom, pagedList } from "./monitoring/paged-list.ts";
import { showOverview, type UsualDays } from "./monitoring/show-overview.ts";
import type { CallsView, DeliveriesView, ErasedView, OverviewView } from "./monitoring/views.ts";
import type { List, Of, Page } from "./operation.ts";
import { showContacts } from "./people/contacts.ts";
import { showConversation } from "./people/conversation.ts";
import { showHoldings } from "./people/holdings.ts";
import { listCustomers } from "./people/list.ts";
import type { ContactsRequest, ConversationRequest, CustomersRequest, SearchRequest, StoryRequest } from "./people/requests.ts";
import { search } from "./people/search.ts";
import { showStory } from "./people/story.ts";
import type { ContactsView, ConversationView, CustomersPage, HoldingsView, SearchView, StoryView } from "./people/views.ts";
import { type PolicyRules, rulesOf } from "./why/policy-rules.ts";
import { type ShownDelivery, type ShownExperience, type ShownSignal, showDelivery, showExperience, showSignal } from "./why/records.ts";
import { askWhy, judgeCustomer, type WhyRequest } from "./why/why.ts";

export type { OutcomeRecord };

/** Look-ups, which change nothing. There are two implementations, as of `Operations`. */
export interface LookUps {
  readonly approvals: {
    /** With the text as it would go now, its facts, action and amount. */
    show(approval: Of): Promise<ShownApproval>;
  };
  readonly calls: {
    /** The latest first. */
    list(request: CallsRequest): Promise<CallsView>;
  };
  readonly customers: {
    show(customer: Of): Promise<Profile>;
    /** How they would be judged if woken now; nothing is written and no language model is asked. */
    judgement(customer: Of): Promise<Judgement>;
    /** Customers of the latest decisions, or with a flag. */
    list(request: CustomersRequest): Promise<CustomersPage>;
    /** Events and decisions of a customer, in order of time. */
    story(request: StoryRequest): Promise<StoryView>;
    /** Contacts by day and department, and how each cap stands. */
    contacts(request: ContactsRequest): Promise<ContactsView>;
    /** Their words and ours. */
    conversation(request: ConversationRequest): Promise<ConversationView>;
    /** How many rows are held, by table. */
    holdings(customer: Of): Promise<HoldingsView>;
  };
  readonly decisions: {
    list: {
      /** The latest, the last of them last. */
      (page: Page): Promise<Decision[]>;
      /** A line each, the latest first. */
      (request: LinesRequest): Promise<DecisionLinesView>;
      (request: DecisionsRequest): Promise<Decision[] | DecisionLinesView>;
    };
    show(decision: Of): Promise<Decision>;
    /** With `experience` also that candidate, computed again where the record only counts it. */
    explain(request: ExplainRequest): Promise<Explained>;
    /** The same decision with a changed fact, time or policy, from the customer's own signals; nothing is written. */
    whatIf(request: WhatIfRequest): Promise<WhatIf>;
  };
  readonly deliveries: {
    /** The latest first. */
    list(request: DeliveriesRequest): Promise<DeliveriesView>;
    /** With its text, facts, history, receipts and the provider's answer. */
    show(delivery: Of): Promise<ShownDelivery>;
  };
  readonly erasures: {
    /** When and by whom people were erased, the latest first; not who they were. */
    readonly list: List<Pick<Page, "limit">, "erasures", ErasedView>;
  };
  readonly experiences: {
    /** One, with its rules and texts as written. */
    show(experience: Of): Promise<ShownExperience>;
    /** The whole catalogue, by id. */
    list(options: object): Promise<ExperienceSummary[]>;
    /** Reach, outcomes, what held it, and the effect against the holdout. */
    report(request: ReportRequest): Promise<ExperienceReport[]>;
    /** A message as it would go; nothing is sent or kept. */
    render(request: RenderRequest): Promise<RenderedMessage>;
  };
  readonly intents: {
    /** The moments that a text would open, and why; nothing is recorded. */
    try(given: { readonly text: string }): Promise<TriedText>;
  };
  readonly outcomes: {
    /** The latest first. */
    readonly list: List<OutcomeOptions, "outcomes", OutcomeRecord>;
  };
  readonly overview: { show(options: object): Promise<OverviewView> };
  readonly policy: {
    /** The rules in their author's words; never the options of channels. */
    show(options: object): Promise<PolicyRules>;
  };
  readonly runs: {
    /** The latest first. */
    readonly list: List<Page, "runs", RunSummary>;
    show(run: Of): Promise<RunRecord>;
  };
  readonly signals: {
    /** As it came, also one that waits or was given up. */
    show(signal: Of & { readonly source: string }): Promise<ShownSignal>;
  };
  readonly why: {
    /** Why a customer did not get an experience, or did. */
    show(request: WhyRequest): Promise<Why>;
  };
  readonly search: {
    /** Ids by their beginning, customers by an address or a name, experiences by name. */
    find(request: SearchRequest): Promise<SearchView>;
  };
}

/** What is otherwise: facts by the path of the trait, the time of the wake (ISO 8601), the version to decide by. */
export interface WhatIfRequest extends Of {
  readonly set?: Readonly<Record<string, Json>> | undefined;
  readonly at?: string | undefined;
  readonly policy?: string | undefined;
  readonly keep?: "masked" | "personal" | undefined;
}

interface OutcomeOptions extends Page {
  readonly experience?: string | undefined;
}

export interface LookUpDeps extends Pick<OperationDeps, "store" | "now"> {
  /** Asked for only where it is needed: most look-ups work without a workspace. */
  readonly policy: () => Policy | Promise<Policy>;
  /** Outputs that actions would give back, for previews. */
  readonly outputOf: () => ActionOutput | Promise<ActionOutput>;
  /** Reads a text as signals are read, with the language model where there is one. */
  readonly tryText: () => TryText | Promise<TryText>;
  /** The name of the language model, if there is one. */
  readonly modelName: () => string | undefined | Promise<string | undefined>;
  /** Decides a decision again with something changed. */
  readonly whatIf: () => AnswersWhatIf | Promise<AnswersWhatIf>;
}

type AnswersWhatIf = (decision: Decision, changed: Omit<WhatIfRequest, "id"> & { readonly whole?: string }) => Promise<WhatIf>;

/** Look-ups in a store. */
export function createLookUps(deps: LookUpDeps): LookUps {
  const { read } = deps.store;
  const usual: UsualDays = new Map();
  return {
    approvals: {
      async show({ id }) {
        const { at } = await storeTime(deps);
        return showApproval(id, { store: deps.store, policy: await deps.policy(), outputOf: await deps.outputOf() }, at);
      },
    },
    calls: { list: async (request) => listCalls(request, deps.store, (await storeTime(deps)).at) },
    customers: {
      async show({ id }) {
        const policy = await deps.policy();
        return customerProfile(id, { store: deps.store, policy }, (await storeTime(deps)).at);
      },
      judgement: async ({ id }) => judgeCustomer(id, { store: deps.store, policy: await deps.policy() }, (await storeTime(deps)).at),
      list: (request) => listCustomers(request, deps),
      story: (request) => showStory(request, deps),
      contacts: (request) => showContacts(request, deps),
      conversation: (request) => showConversation(request, deps),
      holdings: (customer) => showHoldings(customer, deps),
    },
    decisions: {
      list: listDecisions(deps),
      show: ({ id }) => read.decision(id),
      explain: (request) =>
        explainDecision(request, {
          store: deps.store,
          again: async (decision, whole) => (await deps.whatIf())(decision, { whole }),
        }),
      whatIf: async ({ id, ...changed }) => (await deps.whatIf())(await read.decision(id), changed),
    },
    deliveries: {
      list: async (request) => listDeliveries(request, deps.store, (await storeTime(deps)).at),
      show: async ({ id }) => showDelivery(id, { store: deps.store, policy: await deps.policy() }, (await storeTime(deps)).at),
    },
    erasures: {
      list: pagedList(deps.store, "erasures", {
        read: async ({ limit }: Pick<Page, "limit">, page) => ({
          rows: await deps.store.people.erasures(limit, (page as PageFrom<ErasurePlace>)?.after),
        }),
        place: ({ at, customerHash }) => ({ at, customerHash }),
        show: (rows): ErasedView[] => rows.map(({ at, by }) => ({ at: iso(at), by })),
      }),
    },
    experiences: {
      show: async ({ id }) => showExperience(id, await deps.policy()),
      list: async () => (await deps.policy()).experiences.map(summaryOf),
      report: async (request) => reportExperiences(request, { store: deps.store, policy: await deps.policy() }, (await storeTime(deps)).at),
      async render(request) {
        const { at } = await storeTime(deps);
        return renderMessage(request, { store: deps.store, policy: await deps.policy(), outputOf: await deps.outputOf() }, at);
      },
    },
    intents: { try: async ({ text }) => (await deps.tryText())(text, await deps.policy()) },
    outcomes: { list: outcomesOf(deps.store) },
    overview: {
      async show() {
        const { store, now } = deps;
        const [policy, modelName] = [await deps.policy(), await deps.modelName()];
        return showOverview({ store, policy, modelName, now: now(), usual }, (await storeTime(deps)).at);
      },
    },
    policy: { show: async () => rulesOf(await deps.policy()) },
    runs: {
      list: pagedList(deps.store, "runs", {
        read: async (options: Page, page) => ({ rows: await read.runs({ ...options, after: (page as PageFrom<RunPlace>)?.after }) }),
        place: ({ startedAt, runId }) => ({ startedAt, runId }),
        show: (rows) => [...rows],
      }),
      show: ({ id }) => read.run(id),
    },
    signals: { show: (signal) => showSignal(signal, deps.store) },
    why: { show: async (request) => askWhy(request, { store: deps.store, policy: await deps.policy() }, (await storeTime(deps)).at) },
    search: { find: (request) => search(request, deps) },
  };
}

/** Outcomes, the latest first. */
const outcomesOf = (store: Store) =>
  pagedList(store, "outcomes", {
    read: ({ experience: experienceId, ...options }: OutcomeOptions, page) =>
      store.read.outcomes({ ...options, experienceId, page: page as PageFrom<OutcomePlace> }),
    place: ({ at, deliveryId, kind }): OutcomePlace => ({ at, deliveryId, kind }),
    show: (rows) => [...rows],
  });

/**
 * The golden record of a customer at an instant, with every touch and promise on record, not only those that the policy still counts.
 * Throws `NOT_FOUND`.
 */
export async function customerProfile(
  customerId: string,
  { store, policy }: { store: Store; policy: Policy },
  at: Instant,
): Promise<Profile> {
  const customer = (await store.customers.load([customerId], { ...policy, touchWindow: at }, at)).get(customerId);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  return profileOf(customer, policy, at);
}
