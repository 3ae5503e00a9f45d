import { z } from "zod";
import { VERSION_LIMITS } from "../../workspace/versions/version-files.ts";
import { ListedErasures } from "../monitoring/queries.ts";
import { act, pages, show, type Table } from "../table/declared.ts";
import type { ProposalOperations } from "./proposals.ts";
import { ProposalLine, ProposalOutcome, ProposalView } from "./views.ts";

const Listed = ListedErasures.extend({ status: z.enum(["open", "approved", "rejected"]).optional() });

const Because = z.string().trim().min(1).max(4_000);
const File = z.strictObject({
  file: z.string().min(1).max(255).describe("Its name, which tells where a problem is."),
  text: z.string(),
});

const Propose = z.object({
  experience: File.describe("The experience as YAML."),
  evals: z.array(File).optional().describe("Golden decisions as YAML; they replace those of the same name."),
  because: Because.optional().describe("Why."),
  evidence: z.array(z.string().min(1).max(200)).optional().describe("Ids of decisions, deliveries, runs or tasks, or their beginnings."),
  rehearsal: z.boolean().optional().describe("Whether it is rehearsed in short beside the version in force; default: true."),
});

const Approve = z.object({
  hash: z.string().min(1).max(200).describe("Of the proposal as it was read; another one is refused."),
  status: z.enum(["canary", "approved"]).optional().describe("What it is published as; default: a canary."),
});

const Reject = z.object({ because: Because.optional().describe("Why not.") });

/** A text may be escaped. */
const MAX_BODY_BYTES = 2 * VERSION_LIMITS.bytes;

export const proposalTable = {
  proposals: {
    list: pages("proposals", "Changes of the catalogue that people propose, newest first.", Listed, ProposalLine),
    show: show("/v1/proposals/{id}", "A proposal with its texts, beside what is in force.", ProposalView),
    propose: {
      ...act(
        "propose",
        "/v1/proposals",
        "Proposes an experience. Problems and golden decisions are found when it returns.",
        Propose,
        ProposalOutcome,
      ),
      ...{ maxBytes: MAX_BODY_BYTES, isSlow: true as const },
    },
    approve: {
      ...act(
        "approve",
        "/v1/proposals/{id}/approve",
        "Publishes a version with a proposal of somebody else in it, which is checked anew.",
        Approve,
        ProposalOutcome,
      ),
      isSlow: true,
    },
    reject: act("approve", "/v1/proposals/{id}/reject", "Rejects a proposal, for good.", Reject, ProposalOutcome),
    revise: {
      ...act(
        "propose",
        "/v1/proposals/{id}/revise",
        "Replaces what an open proposal says. What is left out stays as it was.",
        Propose,
        ProposalOutcome,
      ),
      ...{ maxBytes: MAX_BODY_BYTES, isSlow: true as const },
    },
  },
} as const satisfies Table<ProposalOperations>;
