import { expect, test } from "vitest";
import type { Profile } from "../../../domain/record/profile.ts";
import { mergeInWords } from "./merge-words.ts";

const profile = (customerId: string, fields: Readonly<Record<string, string>>): Profile => ({
  ...{
    customerId,
    origin: { kind: "import", at: "" },
    identities: [],
    gone: [],
    consents: [],
    moments: [],
    promises: [],
    openCases: [],
    touches: [],
  },
  fields: Object.entries(fields).map(([path, value]) => ({ path, value, state: "ok" })),
});

test.each([
  ["what is added", { car: "Outback" }, {}, "1 field of c-1 is added."],
  [
    "what is said differently",
    { car: "Outback", name: "Dana" },
    { car: "Forester", name: "Dana" },
    "1 field is said differently, and the rules of the record choose: car.",
  ],
  ["that nothing differs", { name: "Dana" }, { name: "Dana" }, "No field is said differently by the two."],
] as const)("a preview of a merge says %s", (_what, goes, stays, wanted) => {
  expect(mergeInWords(profile("c-1", goes), profile("c-2", stays))).toContain(wanted);
});
