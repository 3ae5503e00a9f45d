import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withVersions } from "../../versions.ts";
import { versionLines } from "../../views/versions.ts";

interface Show extends OnStore, Pick<Common, "json"> {
  readonly version: string;
}

export async function run({ version, json, ...on }: Show, io: Io): Promise<number> {
  const shown = await withVersions(on, io, (versions) => versions.show({ id: version }));
  if (json) io.out(JSON.stringify(shown));
  else {
    for (const line of versionLines([shown], io.paint)) io.out(line);
    for (const [file, content] of Object.entries(shown.files)) {
      const bundle = shown.bundles?.[file];
      io.out(io.paint.bold(file) + (bundle === undefined ? "" : io.paint.dim(`  bundle ${bundle}`)));
      io.out(typeof content === "string" ? content.replace(/\n$/, "") : io.paint.dim("(no text)"));
    }
  }
  return DONE;
}
