import { z } from "zod";
import { ListedDead, ListedPages } from "../monitoring/queries.ts";
import { AuditView, DeadView, Discarded, PauseOutcome, PauseView, ResumeView, RetryOutcome, Revived } from "../views.ts";
import { act, list, Nothing, pages } from "./declared.ts";

// Keeping it running: runs, pauses, dead letters, and who changed what.

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

export const running = {
  runs: {
    retry: act(
      "operate",
      "/v1/runs/{id}/retry",
      "Decides again what a run has left undone.",
      z.object({ force: z.boolean().optional() }),
      RetryOutcome,
    ),
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
} as const;
