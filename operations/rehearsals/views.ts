import { z } from "zod";
import { ACTIONS } from "../../domain/entities/decision.ts";
import { shown } from "../../domain/identity/masking.ts";

// What operations on rehearsals answer. A result holds figures, words of the policies, and what is not modelled; who is behind a figure is asked
// for by itself.

const FigureView = z
  .object({ mean: z.number(), low: z.number(), high: z.number() })
  .describe("A mean over all paths, and between which bounds 90 of 100 paths are.");
const byName = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

const TotalsView = z.object({
  deliveries: z.number(),
  byExperience: byName(z.number()),
  byChannel: byName(z.number()),
  byDepartment: byName(z.number()),
  silences: byName(z.number()),
});

const WakeAction = z.enum([...ACTIONS, "none"]);

const FiguresView = z.object({
  deliveries: FigureView,
  byExperience: byName(FigureView),
  byChannel: byName(FigureView),
  byDepartment: byName(FigureView),
  silences: byName(FigureView),
  deferred: byName(FigureView),
  contactsPerCustomerWeek: FigureView,
  tasks: byName(FigureView),
  successes: FigureView,
  value: FigureView,
  nothing: FigureView,
});

const ComparedView = z.object({
  against: shown(FiguresView),
  with: shown(FiguresView),
  difference: shown(FiguresView.describe("With − against, path by path.")),
});

const DetailsView = z.object({
  deliveriesByDay: z.array(FigureView),
  tasksByDay: byName(z.array(FigureView)),
  contactsInAWeek: z.array(FigureView).describe("Shares of all weeks of a customer, by contacts in it: none, one, two, three, more."),
  nothingBy: byName(FigureView),
  successesByExperience: byName(FigureView),
  outcomes: byName(FigureView),
  awaitingApproval: FigureView,
  withheld: FigureView,
});

const EstimatedView = z.object({ value: z.number(), low: z.number(), high: z.number() });
const GainedView = EstimatedView.extend({ gain: EstimatedView });

const ValueView = z.union([
  z.object({ refused: z.array(z.string()).describe("Why the log does not say it.") }),
  z.object({
    decisions: z.number(),
    units: z.number(),
    confidence: z.number(),
    logged: EstimatedView,
    estimates: z.object({ ips: GainedView, snips: GainedView, dr: GainedView }),
    warnings: z.array(z.string()),
  }),
]);

const OnlyIn = z.object({ against: z.array(z.string()), with: z.array(z.string()) });

/** A result as it is kept: without the customers that `rehearse` names. */
export const RehearsalResultView = z.object({
  simulated: z.literal(true),
  seed: shown(z.string()),
  days: z.number(),
  customers: z.number(),
  paths: z.number(),
  sampleOf: z.number().optional().describe("Of how many customers they are a sample; missing where everybody was played."),
  from: shown(z.string().describe("When the recorded time ends and the forward part begins.")),
  policies: shown(
    z
      .object({
        against: z.string(),
        with: z.string(),
        differ: z.object({
          moments: OnlyIn.optional(),
          channels: OnlyIn.optional(),
          departments: OnlyIn.optional(),
          experiences: OnlyIn.optional(),
        }),
      })
      .describe("Their versions, and what only one of them has."),
  ),
  recorded: shown(
    z
      .object({
        wakes: z.number(),
        different: z.number(),
        matrix: z
          .array(z.object({ against: WakeAction, with: WakeAction, count: z.number(), different: z.number() }))
          .describe("Wakes by what was done, before and after; `none` where nothing was decided."),
        against: TotalsView,
        with: TotalsView,
      })
      .describe("The recorded stream under both: not simulated."),
  ),
  forward: ComparedView.extend({
    notModelled: shown(z.array(z.string())),
    details: shown(z.object({ against: DetailsView, with: DetailsView })),
    groups: z
      .array(ComparedView.extend({ name: z.string(), customers: z.number() }))
      .optional()
      .describe("By the values of a field; values of few customers are together."),
  }).describe("What follows the recorded time: simulated."),
  value: shown(ValueView.describe("Value from the log.")),
  backtest: shown(
    z
      .object({
        intervals: z.array(z.object({ name: z.string(), actual: z.number(), interval: FigureView, held: z.boolean() })),
        held: z.number(),
        share: z.number(),
        notForetold: byName(z.number()).describe("Types of signals that came and of which nothing was foretold, with how often."),
      })
      .describe("What was foretold of the last part of the record, and what came: simulated."),
  ).optional(),
});
export type KeptResult = Readonly<z.infer<typeof RehearsalResultView>>;

const SideView = z.union([
  z.object({
    version: shown(z.string()),
    proposal: z.string().describe("The version with this proposal in it, as if approved."),
    hash: shown(z.string().describe("Of the proposal as it is played.")),
    experienceId: z.string(),
  }),
  z.object({
    version: shown(z.string()),
    folder: z.literal(true).optional().describe("Files that were given with the request: no version of the store has to be this one."),
  }),
]);

export const RequestView = z.object({
  with: SideView,
  against: shown(z.string().describe("A version.")),
  days: z.number(),
  paths: z.number(),
  customers: z.number().describe("The most that are played; of more, a share is."),
  seed: shown(z.string()),
  by: z.string().optional().describe("The field by which results are told apart."),
  backtest: z.number().optional(),
});
export type KeptRequest = Readonly<z.infer<typeof RequestView>>;

export const ProgressView = z.object({
  part: z
    .enum(["reading", "recorded", "forward", "backtest"])
    .describe("Of `recorded` signals are counted, of `forward` sides of paths, of `backtest` plays of what is foretold."),
  done: z.number(),
  of: z.number().optional().describe("Missing where nobody knows."),
  text: shown(z.string()),
});
export type RehearsalProgress = Readonly<z.infer<typeof ProgressView>>;

export const RehearsalErrorView = z.object({ code: z.string(), message: shown(z.string()) });
export type RehearsalError = Readonly<z.infer<typeof RehearsalErrorView>>;

/** A rehearsal as a list has it. */
export const RehearsalLine = z.object({
  rehearsalId: z.string(),
  status: z.enum(["waiting", "running", "done", "cancelled", "failed"]),
  by: z.string().describe("Who asked for it."),
  at: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  progress: ProgressView.optional(),
  request: RequestView,
  error: RehearsalErrorView.optional(),
});
export type RehearsalLine = Readonly<z.infer<typeof RehearsalLine>>;

export const RehearsalView = RehearsalLine.extend({ result: RehearsalResultView.optional() });
export type RehearsalView = Readonly<z.infer<typeof RehearsalView>>;

export const RehearsalOutcome = RehearsalLine.extend({ changed: z.boolean().describe("Whether this request has changed it.") });
export type RehearsalOutcome = Readonly<z.infer<typeof RehearsalOutcome>>;

const BehindSide = z.object({
  action: z.string(),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  codes: shown(z.array(z.string()).describe("Of its reasons; for who gets nothing, the rule that kept her from it.")),
  share: z.number().optional().describe("The share of paths in which she gets nothing."),
});

/** A customer behind a figure. */
export const BehindView = z.object({
  customerId: z.string(),
  at: z.string(),
  side: z.enum(["against", "with", "both"]),
  decisionId: z.string().optional().describe("In the store, where the recorded wake was really decided."),
  against: BehindSide.optional(),
  with: BehindSide.optional(),
  simulated: z.literal(true).optional(),
});
export type BehindView = Readonly<z.infer<typeof BehindView>>;
