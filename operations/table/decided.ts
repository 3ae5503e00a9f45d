import { z } from "zod";
import { DATA_IDS } from "../../domain/entities/signal.ts";
import { type Json, parseGuarded, SIGNAL_LIMITS } from "../../domain/values/json.ts";
import { AskedWhatIf, ListedDecisions } from "../decisions/queries.ts";
import { DecisionLinesView } from "../decisions/views.ts";
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
  WhatIfView,
} from "../look-up-views.ts";
import { ListedOutcomes, ListedPages } from "../monitoring/queries.ts";
import { OneExperienceView, PolicyView, WhyView } from "../why/views.ts";
import { act, list, Nothing, pages, show } from "./declared.ts";

// Look-ups of what was decided, why, and from which catalogue.

/** JSON in a query. */
const jsonText = z.string().transform((text, context): Json => {
  const read = parseGuarded(text, SIGNAL_LIMITS, DATA_IDS);
  if (read.ok) return read.value;
  context.addIssue({ code: "custom", message: read.problem });
  return z.NEVER;
});

const Reported = z.object({ experience: z.string().min(1).optional(), window: z.string().min(2).max(20).default("30d") });

export const decided = {
  approvals: {
    show: show(
      "/v1/approvals/{id}",
      "An approval with the message as it would be sent: text, facts, action and amount.",
      ShownApprovalView,
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
    explain: {
      ...show(
        "/v1/decisions/{id}/explanation",
        "Explains a decision: why it won, why the others did not, what would have changed it, and the questions to a language model.",
        ExplanationView,
      ),
      input: z.object({
        experience: z
          .string()
          .min(1)
          .max(512)
          .optional()
          .describe("Explains this candidate too; where the record only counts it, it is computed again under the decision's version."),
      }),
      isSlow: true,
    },
    whatIf: act(
      "content",
      "/v1/decisions/{id}/what-if",
      "The same decision with a changed fact, time or policy, from the customer's own signals up to its wake; nothing is written.",
      AskedWhatIf,
      WhatIfView,
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
  policy: { show: show("/v1/policy", "The rules of the workspace in its author's words.", PolicyView) },
  runs: {
    list: pages("runs", "Executions of the graph, the latest first.", ListedPages, RunView),
    show: show("/v1/runs/{id}", "The steps and tool calls of a run.", RunView),
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
} as const;
