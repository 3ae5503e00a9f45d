import { Readable } from "node:stream";
import { type ReadCustomers, readCustomers, readCustomerText } from "../intake/read-customers.ts";
import { openSignals } from "../intake/read-signals.ts";
import type { Workspace } from "../workspace/load.ts";
import { caseFile, type GoldenCase, type GoldenSuite } from "./golden.ts";

/** Where the records and signals of cases without their own are. */
export type DataPlaces = Pick<Workspace, "dir" | "customersFile" | "signalsFile">;

/** The records that a case begins with: its own, those of the file that it names, or the workspace's. */
export function customersOf({ customers }: GoldenCase, suite: GoldenSuite, { dir, customersFile }: DataPlaces): ReadCustomers {
  if (Array.isArray(customers)) return readCustomerText(customers.map((customer) => JSON.stringify(customer)).join("\n"));
  const file = customers === undefined ? customersFile : caseFile(customers, suite, dir);
  return file === undefined ? { lines: [], problems: [], moreProblems: 0 } : readCustomers(file);
}

/** The stream of a case, one signal a line. */
export function signalsOf({ signals, customers }: GoldenCase, suite: GoldenSuite, { dir, signalsFile }: DataPlaces): Readable {
  if (Array.isArray(signals))
    return Readable.from(signals.map((signal) => `${JSON.stringify({ ...defaultsFor(customers), ...signal })}\n`));
  const file = signals === undefined ? signalsFile : caseFile(signals, suite, dir);
  return file === undefined ? Readable.from([]) : openSignals(file, process.stdin);
}

// --- internal ---

/** Defaults of signals written into a case: the envelope's version, a source, and the only customer. */
function defaultsFor(customers: GoldenCase["customers"]): object {
  const only = Array.isArray(customers) && customers.length === 1 ? customers[0]?.id : undefined;
  return { specversion: "1.0", source: "eval", ...(only === undefined ? {} : { subject: only }) };
}
