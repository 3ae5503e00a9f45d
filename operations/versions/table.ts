import { z } from "zod";
import { VERSION_LIMITS } from "../../workspace/versions/version-files.ts";
import { ListedErasures } from "../monitoring/queries.ts";
import { act, list, Nothing, pages, show, type Table } from "../table/declared.ts";
import type { VersionOperations } from "./versions.ts";
import { DecidedByView, DifferenceView, PackedFiles, PublishedView, ShownVersion, VersionFilesView, VersionView } from "./views.ts";

const Publish = z.object({
  files: PackedFiles,
  over: z.string().min(8).max(64).optional().describe("The version that the files came from, or a beginning of 8."),
  force: z.boolean().optional().describe("Also where another version is in force by now."),
  dryRun: z.boolean().optional(),
  from: z.string().min(1).max(1_000).optional().describe("Where the files came from."),
});

/** Base64 takes four bytes for three, and a text may be escaped. */
export const MAX_FILES_BYTES = 2 * VERSION_LIMITS.bytes;

export const versionTable = {
  versions: {
    list: pages("versions", "Versions of the workspace as they were put in force, newest first.", ListedErasures, VersionView),
    show: show("/v1/versions/{id}", "A version with its files; options of channels are masked.", ShownVersion),
    files: {
      ...show("/v1/versions/{id}/files", "The files of a version as they were published.", VersionFilesView),
      permission: "admin",
    },
    diff: {
      ...show("/v1/versions/{id}/diff", "In what a version differs from another, line by line.", DifferenceView),
      input: z.object({
        from: z.string().min(8).max(64).optional().describe("The other version, or a beginning of 8. Default: the one in force."),
      }),
    },
    processes: {
      ...list("processes", "Living processes that decide, by the version that they decide by.", Nothing, DecidedByView),
    },
    publish: {
      ...act("admin", "/v1/versions", "Checks files and puts them in force as a version.", Publish, PublishedView),
      maxBytes: MAX_FILES_BYTES,
    },
    restore: act("admin", "/v1/versions/{id}/restore", "Puts a version in force again.", Nothing, PublishedView),
  },
} as const satisfies Table<VersionOperations>;
