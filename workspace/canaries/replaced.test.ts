import { expect, test } from "vitest";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../tools/index.ts";
import { type CheckedFiles, checkFiles, type WorkspaceFiles } from "../check-files.ts";
import { doNotStay, type FollowedVersion, replacedIn, withReplaced } from "./replaced.ts";

const SETTINGS =
  "version: 1\nname: Shop\ntimezone: UTC\nchannels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 1d}, n: {on: come, expires: 1d}}\n";
const OLD = "id: e\nserves: [n]\nchannels: {box: {text: Old}}\nsuccess: {signal: bought}\nsuitability: [\"count('paid', '9d') < 5\"]\n";
const NEW = "id: e\nstatus: canary\nserves: [m]\nchannels: {box: {text: New}}\n";

const filesOf = (...texts: readonly string[]): WorkspaceFiles =>
  new Map(
    [["sentient.yaml", SETTINGS], ...texts.map((text, n) => [`experiences/${n}.yaml`, text] as const)].map(([name, text]) => [
      name ?? "",
      Buffer.from(text ?? ""),
    ]),
  );
const version = (name: string, files: WorkspaceFiles, before?: FollowedVersion): FollowedVersion => ({
  policyVersion: name,
  files,
  replaced: replacedIn(files, before),
});
const check = (files: WorkspaceFiles): CheckedFiles => checkFiles(files, { environment: {}, channels: channelsOf(), tools: actionTools });

test("a canary replaces what was approved before it, also after an edit; one that never was, or was taken out, replaces nothing", () => {
  const a = version("a", filesOf(OLD));
  expect(a.replaced).toEqual({});
  const b = version("b", filesOf("id: other\n", NEW), a);
  expect(b.replaced).toEqual({ e: { policyVersion: "a", text: OLD } });
  const edited = version("c", filesOf(NEW.replace("New", "Newer")), b);
  expect(edited.replaced).toEqual(b.replaced);
  expect(version("d", filesOf(NEW)).replaced).toEqual({});
  const without = version("e", filesOf("id: other\n"), edited);
  expect(version("f", filesOf(NEW), without).replaced).toEqual({});
  const draft = version("g", filesOf(OLD.replace("id: e", "id: e\nstatus: draft")), a);
  expect(version("h", filesOf(NEW), draft).replaced).toEqual({});
});

test("a roll-back to a canary replaces what is approved in the version that it follows", () => {
  const a = version("a", filesOf(OLD));
  const b = version("b", filesOf(NEW), a);
  const approved = version("c", filesOf(NEW.replace("status: canary\n", "")), b);
  expect(version("b", b.files, approved).replaced.e).toMatchObject({ policyVersion: "c" });
  expect(version("a", a.files, b).replaced).toEqual({});
});

test("what stays is compiled in the place of its canary; the policy listens and looks back for both", () => {
  const a = version("a", filesOf(OLD));
  const b = version("b", filesOf(NEW), a);
  const checked = withReplaced(check(b.files), b.files, b.replaced, check);
  if (!checked.ok) throw new Error("expected a policy");
  const [tried] = checked.policy.experiences;
  expect(tried).toMatchObject({ status: "canary", serves: ["m"], stays: { id: "e", status: "approved", serves: ["n"] } });
  expect(tried?.learnsAs).toBe(`e~${tried?.canary?.life}`);
  expect([checked.policy.listens("bought"), checked.policy.listens("sold")]).toEqual([true, false]);
  expect(checked.policy.counted).toEqual({ paid: [9 * 86_400_000] });
  expect(doNotStay(checked)).toEqual([]);
});

test("what no longer compiles in the version does not stay, and a note says why", () => {
  const a = version("a".repeat(64), filesOf(OLD.replace("[n]", "[gone]")));
  const b = version("b", filesOf(NEW), a);
  const checked = withReplaced(check(b.files), b.files, b.replaced, check);
  if (!checked.ok) throw new Error("expected a policy");
  expect(checked.policy.experiences[0]?.stays).toBeUndefined();
  expect(doNotStay(checked)).toEqual([
    "experiences/0.yaml: canary: what it replaces does not stay for the other customers, who get nothing in its place: as approved in aaaaaaaaaaaa it does not fit this version: serves.0: unknown moment gone; expected one of m, n",
  ]);
});
