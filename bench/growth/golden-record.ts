import { applyPatches, patchesOf, patchWithin } from "../../domain/record/patch.ts";
import { spread } from "../machine.ts";

const FIELDS = [200, 800, 2_000];
const PATCHES = [1, 200, 800, 2_000];
const ROUNDS = 9;

/** What a signal costs whose traits patch a golden record, by the fields of both. */
export async function growthOfGoldenRecord() {
  const rows = [["fields of the record", "traits of the signal", "CPU ms a patch", "least", "most", "fields after"]];
  for (const fields of FIELDS) {
    for (const patched of PATCHES) {
      const { cpuMs, after } = measure(fields, patched);
      const { median, least, most } = spread(cpuMs);
      rows.push([String(fields), String(patched), ...[median, least, most].map((ms) => ms.toFixed(2)), String(after)]);
    }
  }
  return { title: "growth: patches of a golden record of at most 2,000 fields", rows };
}

// --- internal ---

function measure(fields: number, patched: number): { readonly cpuMs: readonly number[]; readonly after: number } {
  const known = applyPatches({}, patchesOf({ known: fieldsOf(fields) }), { source: "crm", at: 0, seq: 0 });
  const cpuMs: number[] = [];
  let after = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    // Half of them are new, half are known.
    const patches = patchesOf({ known: fieldsOf(Math.ceil(patched / 2)), [`new${round}`]: fieldsOf(Math.floor(patched / 2)) });
    const began = process.cpuUsage();
    const { claims } = patchWithin(known, patches, { source: "web", at: 1, seq: 1 });
    const { user, system } = process.cpuUsage(began);
    after = Object.keys(claims).length;
    // The first round is the warm-up.
    if (round > 0) cpuMs.push((user + system) / 1_000);
  }
  return { cpuMs, after };
}

const fieldsOf = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`field${place}`, `value ${place} of this field`]));
