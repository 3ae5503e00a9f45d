import { z } from "zod";
import { ListedErasures } from "../monitoring/queries.ts";
import { act, Nothing, pages, show, type Table } from "../table/declared.ts";
import { MAX_FILES_BYTES } from "../versions/table.ts";
import { PackedFiles } from "../versions/views.ts";
import type { RehearsalOperations } from "./rehearsals.ts";
import { BehindView, RehearsalLine, RehearsalOutcome, RehearsalView } from "./views.ts";

const whole = (most: number) => z.number("expected a number").int("expected a whole number").min(1, "expected at least 1").max(most);

const A_SHARE = "expected a share above 0 and below 1, such as 0.3";

const version = z.string().min(8, "expected a version, or a beginning of 8").max(64);

const Start = z.strictObject({
  with: z
    .union(
      [z.strictObject({ version }), z.strictObject({ proposal: z.string().min(1).max(200) }), z.strictObject({ files: PackedFiles })],
      "expected {version}, {proposal} or {files}",
    )
    .optional()
    .describe(
      "A version of the store, the version in force with a proposal in it, or the files of a workspace. Default: the version in force.",
    ),
  against: version.optional().describe("The version that it is compared with, or a beginning of 8. Default: the one in force."),
  days: whole(366).default(30),
  paths: whole(200).default(20),
  customers: whole(100_000).default(20_000).describe("The most that are played; of more, a share is."),
  seed: z.string().trim().min(1).max(200).default("sentient"),
  by: z.string().trim().min(1).max(200).optional().describe("A field of customers, by whose values results are told apart."),
  backtest: z
    .number(A_SHARE)
    .gt(0, A_SHARE)
    .lt(1, A_SHARE)
    .optional()
    .describe("Also foretell this last part of the record from what came before."),
  note: z.string().max(2_000).optional(),
});

const Cell = ListedErasures.extend({
  part: z.enum(["recorded", "forward"]),
  cell: z.string().min(1).max(300).describe("The figure, such as `leftOut`; of the first group `group:0:deliveries`."),
});

export const rehearsalTable = {
  rehearsals: {
    list: pages("rehearsals", "Rehearsals on this store, newest first, without their results.", ListedErasures, RehearsalLine),
    show: show("/v1/rehearsals/{id}", "A rehearsal, with its result where it is done.", RehearsalView),
    decisions: {
      ...pages("decisions", "Customers behind a figure of a rehearsal.", Cell, BehindView),
      path: "/v1/rehearsals/{id}/decisions",
    },
    start: {
      ...act(
        "propose",
        "/v1/rehearsals",
        "Starts a rehearsal, or has it wait for the one that is played. `by` is a field; who asks is known by the key.",
        Start,
        RehearsalOutcome,
      ),
      ...{ takesBy: true as const, isAccepted: true as const, maxBytes: MAX_FILES_BYTES },
    },
    cancel: act("propose", "/v1/rehearsals/{id}/cancel", "Ends a rehearsal that waits or is played.", Nothing, RehearsalOutcome),
  },
} as const satisfies Table<RehearsalOperations>;
