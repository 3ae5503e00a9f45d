import { prepareStore } from "../../runtime/open-store.ts";
import { DONE } from "../command.ts";
import type { Io } from "../io.ts";

/** Runs after installation, so that the first start is fast. */
export async function run(_typed: object, { note }: Io): Promise<number> {
  await prepareStore(() => note("preparing the embedded store …"));
  return DONE;
}
