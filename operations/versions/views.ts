import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";

// What operations on versions answer. Nothing in them is about a customer, so that viewers see all of it.

export const VersionView = z.object({
  policyVersion: z.string(),
  at: z.string(),
  by: z.string(),
  note: shown(z.string()).optional().describe("Why."),
  from: shown(z.string().describe("Where its files came from: a folder, a request, or `roll-back`.")),
  inForce: z.boolean(),
});
export type VersionView = Readonly<z.infer<typeof VersionView>>;

/** A text, or other bytes in base64. */
export const PackedFiles = z
  .record(z.string(), z.union([z.string(), z.strictObject({ base64: z.base64() })]))
  .describe("Files by name, like `experiences/hello.yaml`: a text, or other bytes in base64.");

export const ShownVersion = VersionView.extend({
  files: shown(PackedFiles),
  bundles: shown(z.record(z.string(), z.string()))
    .optional()
    .describe("SHA-256 of the bundle of each tool and channel, by file; missing where the version was kept without bundles."),
});
export type ShownVersion = Readonly<z.infer<typeof ShownVersion>>;

export const VersionFilesView = z.object({
  policyVersion: z.string(),
  files: shown(PackedFiles),
  replaced: shown(z.record(z.string(), z.object({ policyVersion: z.string(), text: z.string() })))
    .optional()
    .describe("The approved experiences that its canaries replace, by id: they stay for the other customers."),
});
export type VersionFilesView = Readonly<z.infer<typeof VersionFilesView>>;

/** The result of a publication, or of a dry run of one. */
export const PublishedView = z.object({
  policyVersion: z.string(),
  changed: z.boolean().describe("Whether this request has put it in force; false also in a dry run."),
  before: z.string().optional().describe("The version in force before."),
  files: shown(z.array(z.object({ file: z.string(), change: z.enum(["added", "removed", "changed"]) })))
    .readonly()
    .describe("In what it differs from the version in force before."),
  otherBundles: shown(z.array(z.string()))
    .readonly()
    .optional()
    .describe("Code files whose bundle is another than the version has, which keeps its own: something that they import has changed."),
  notStaying: shown(z.array(z.string()))
    .readonly()
    .optional()
    .describe("What its canaries replace and what cannot stay for the other customers, because it does not fit this version."),
  dryRun: z.literal(true).optional(),
});
export type PublishedView = Readonly<z.infer<typeof PublishedView>>;

export const DifferenceView = z.object({
  from: shown(z.string()),
  to: shown(z.string()),
  files: shown(
    z.array(
      z.object({
        file: z.string(),
        change: z.enum(["added", "removed", "changed"]),
        diff: z.string().optional().describe("Hunks of a unified diff; missing where a side is no text."),
      }),
    ),
  )
    .readonly()
    .describe("In what `to` differs from `from`. Options of channels are masked on both sides."),
});
export type DifferenceView = Readonly<z.infer<typeof DifferenceView>>;

export const DecidedByView = z.object({
  policyVersion: z.string(),
  count: z.number().int().describe("Living processes that decide by it."),
});
export type DecidedByView = Readonly<z.infer<typeof DecidedByView>>;
