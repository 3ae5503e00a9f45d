import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";
import { RehearsalLine } from "../rehearsals/views.ts";

// What operations on proposals answer. Texts of files are about the workspace and shown to viewers, as those of versions are; why somebody
// proposes it may name customers.

export const ProposedProblem = z.object({
  file: z.string(),
  line: z.number().optional(),
  path: z.string().optional(),
  message: z.string(),
});
export type ProposedProblem = Readonly<z.infer<typeof ProposedProblem>>;

const GoldenCaseView = z.object({
  name: z.string(),
  passed: z.boolean(),
  differs: z
    .array(z.object({ expectation: z.string(), because: z.string(), file: z.string(), line: z.number() }))
    .readonly()
    .describe("What was expected and did not hold; empty where it passed."),
});

export const GoldenView = z.object({
  name: z.string(),
  file: z.string(),
  brought: z.boolean().describe("Whether it came with the proposal; the others are those of the version in force."),
  passed: z.boolean().describe("Whether it reaches its gate."),
  gate: z.number(),
  score: z.number(),
  cases: z.array(GoldenCaseView).readonly(),
});
export type GoldenView = Readonly<z.infer<typeof GoldenView>>;

const Author = z.object({
  by: z.string(),
  at: z.string(),
  hash: shown(z.string().describe("What the proposal was from then on.")),
  unverified: z.literal(true).optional().describe("No key names this person: the name is as it was given."),
});

/** A proposal as a list has it. */
export const ProposalLine = z.object({
  proposalId: z.string(),
  experienceId: z.string(),
  hash: shown(z.string().describe("Of all that its authors wrote. An approval names it.")),
  status: z.enum(["open", "approved", "rejected"]),
  by: z.string().describe("Who proposed it."),
  because: z.string().optional().describe("Why, in the words of its authors."),
  evidence: shown(z.array(z.string()).readonly().describe("Ids of records.")),
  problems: shown(z.array(ProposedProblem).readonly().describe("What `check` finds in the version with it.")),
  golden: shown(z.array(GoldenView).readonly().describe("Golden decisions of the version with it.")),
  ready: z.boolean().describe("Whether it has no problems and its golden decisions pass."),
  createdAt: z.string(),
  revisedAt: z.string().optional(),
  authors: z.array(Author).readonly().describe("Who proposed and revised it, in order; none of them may approve it."),
  assessed: z
    .object({ policyVersion: z.string(), at: z.string() })
    .describe("When problems and golden decisions were found, and under which version."),
  unverified: z
    .literal(true)
    .optional()
    .describe("The name of who proposed, revised or answered it is as it was given: no key names the person."),
  answeredAt: z.string().optional(),
  answeredBy: z.string().optional(),
  answer: z.string().optional().describe("Why, in the words of who answered."),
  policyVersion: z.string().optional().describe("The version that was published with it."),
  publishedAs: z.enum(["canary", "approved"]).optional(),
});
export type ProposalLine = Readonly<z.infer<typeof ProposalLine>>;

const ProposedFile = z.object({
  file: shown(z.string().describe("Its place in the version.")),
  text: shown(z.string().describe("As it was written.")),
  willBe: shown(z.string().describe("As it would go, or went.")),
  inForce: shown(z.string().describe("What is in force in its place; missing where it is new.")).optional(),
});
export type ProposedFile = Readonly<z.infer<typeof ProposedFile>>;

/** What a rehearsal of the version with it came to. */
const RehearsedView = RehearsalLine.pick({ rehearsalId: true, status: true, at: true }).extend({
  hash: shown(z.string().describe("Of the proposal as it is played; another one than its hash where it was revised since.")),
  found: shown(z.array(z.string())).readonly().optional().describe("What differs from the version in force, in sentences."),
  simulated: z.literal(true),
  why: shown(z.string()).optional().describe("Why it failed."),
});

/** A proposal with its texts. */
export const ProposalView = ProposalLine.extend({
  experience: ProposedFile,
  evals: z.array(ProposedFile).readonly(),
  diff: shown(z.array(z.object({ file: z.string(), change: z.enum(["added", "removed", "changed"]), diff: z.string().optional() })))
    .readonly()
    .describe("What it changes, line by line."),
  texts: shown(
    z.array(
      z.object({ channel: z.string(), variant: z.string().optional(), locale: z.string().optional(), part: z.string(), text: z.string() }),
    ),
  )
    .readonly()
    .describe("What each channel would say, as it is written."),
  rehearsal: RehearsedView.optional().describe("The newest one; missing where none was played, or it is kept no more."),
  records: z
    .array(z.object({ id: z.string(), kind: z.enum(["decision", "run", "delivery", "task", "gone"]), customerId: z.string().optional() }))
    .readonly()
    .describe("The records that are its evidence; `gone` where one was erased or pruned since."),
});
export type ProposalView = Readonly<z.infer<typeof ProposalView>>;

/** The result of a change. */
export const ProposalOutcome = ProposalView.extend({ changed: z.boolean().describe("Whether this request has changed it.") });
export type ProposalOutcome = Readonly<z.infer<typeof ProposalOutcome>>;
