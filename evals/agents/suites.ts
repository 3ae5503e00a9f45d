import { existsSync } from "node:fs";
import { join } from "node:path";
import { SentientError } from "../../domain/errors.ts";
import { datasetsIn } from "../intents/data.ts";
import { interpretationSuite } from "./interpretation.ts";
import { judgingSuite } from "./judging.ts";
import { OWN_TEXTS, readingSetsIn } from "./reading-sets.ts";
import { readRetail } from "./retail/database.ts";
import { ownShop } from "./retail/own-shop.ts";
import { retailSuite } from "./retail/suite.ts";
import type { AgentSuite } from "./trial.ts";
import { writingSuite } from "./writing.ts";

/** The suites that need no external data. */
export const ownSuites = (): AgentSuite[] => [interpretationSuite(OWN_TEXTS), judgingSuite(), writingSuite(), retailSuite(ownShop())];

/**
 * The own suites and, from a data folder, one per set of labelled texts and one for tau-bench's retail domain. `only` keeps suites whose
 * names start with it.
 */
export function suitesFor(data: string | undefined, only = ""): AgentSuite[] {
  if (data !== undefined && !existsSync(data)) throw new SentientError("BAD_INPUT", `--data ${data}: no such folder`);
  const retail = data === undefined ? undefined : (readRetail(join(data, RETAIL), RETAIL) ?? readRetail(data, RETAIL));
  const hasTexts = data !== undefined && (!retail || datasetsIn(data)[0] !== data);
  const reading = hasTexts ? readingSetsIn(data).map(interpretationSuite) : [];
  const suites = [...ownSuites(), ...reading, ...(retail ? [retailSuite(retail)] : [])];
  const chosen = suites.filter(({ name }) => name.startsWith(only));
  if (chosen.length === 0)
    throw new SentientError("BAD_INPUT", `--only ${only}: no suite begins so; there are ${suites.map(({ name }) => name).join(", ")}`);
  return chosen;
}

// --- internal ---

const RETAIL = "tau-retail";
