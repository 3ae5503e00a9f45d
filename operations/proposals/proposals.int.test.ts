import { afterAll, beforeEach, expect, test } from "vitest";
import type { JsonObject } from "../../domain/values/json.ts";
import { NOW } from "../../testing/builders.ts";
import { openOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { versionOf, type WorkspaceFiles } from "../../workspace/check-files.ts";
import { inOrder, type PackedFiles, packFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import type { Found } from "./assessment.ts";
import { proposalOperations } from "./proposals.ts";
import type { ProposalOutcome } from "./views.ts";

const [ANN, BEA, CAL] = ["ann", "bea", "cal"].map((by) => ({ by, isVerified: true })) as [Person, Person, Person];
type Person = { readonly by: string; readonly isVerified: boolean };
const text = (id: string, more = ""): string => `id: ${id}\nserves: [m]\n${more}`;
const suite = (name: string) => `name: ${name}\ncases: []\n`;
const PASSES: Found = { problems: [], golden: [] };
const failing = (file: string): Found => ({
  problems: [],
  golden: [
    {
      ...{ name: "all", file, passed: false, gate: 1, score: 0 },
      cases: [{ name: "gets it", passed: false, differs: [{ expectation: "deliver a", because: "silence", file, line: 5 }] }],
    },
  ],
});

/** What is found in files, and what else happens while they are looked at. */
let found: (files: WorkspaceFiles) => Found | Promise<Found>;
let operations: ReturnType<typeof proposalOperations>;
let ids = 0;

// On a server where one is given: there, transactions run side by side.
const { DATABASE_URL: databaseUrl } = process.env;
const opened = await openOperated(policyOf(""), databaseUrl ? { databaseUrl } : {});
const { store } = opened.runtime;
afterAll(() => opened.runtime.close());

/** Puts files in force, like a person who publishes a folder. */
async function published(files: Readonly<Record<string, string>>): Promise<string> {
  const all = inOrder(Object.entries({ "sentient.yaml": "version: 1\n", ...files }).map(([name, given]) => [name, Buffer.from(given)]));
  const policyVersion = versionOf(all);
  await store.versions.publish(
    { policyVersion, at: NOW, by: "olga", from: "test", files: packFiles(all) as JsonObject },
    { at: NOW, by: "olga", action: "published", target: policyVersion, details: {} },
    () => true,
  );
  return policyVersion;
}
const inForce = async (): Promise<Record<string, string>> => {
  const files = unpackFiles(((await store.versions.files((await store.versions.inForce()) ?? "")) ?? {}) as PackedFiles);
  return Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString()]));
};
const publications = async (): Promise<number> => (await store.versions.list({ limit: 100 })).length;
const propose = (id: string, more: { readonly text?: string; readonly evals?: readonly string[]; readonly by?: Person } = {}) =>
  operations.propose(
    {
      experience: { file: "x.yaml", text: more.text ?? text(id) },
      evals: (more.evals ?? []).map((name) => ({ file: `${name}.yaml`, text: suite(name) })),
    },
    more.by ?? ANN,
  );
const approve = ({ proposalId: id, hash }: ProposalOutcome, by = BEA, more = {}) => operations.approve({ id, hash, ...more }, by);
const conflict = (message: RegExp) => expect.objectContaining({ code: "CONFLICT", message: expect.stringMatching(message) });

beforeEach(async () => {
  await store.clear();
  found = () => PASSES;
  operations = proposalOperations({ store, now: () => NOW, newId: () => `id-${++ids}`, assess: async (files) => found(files) });
});

test("another person approves what was read: a canary in a version of its own, with its golden decisions, in the audit, once", async () => {
  const before = await published({ "experiences/a.yaml": text("a"), "evals/old.yaml": suite("b") });
  const proposed = await propose("b", { evals: ["b"], text: `${text("b")}channels: {box: {text: Hello}}\n` });
  expect(proposed).toMatchObject({
    diff: [{ file: "experiences/b.yaml", change: "added", diff: expect.stringContaining("+status: canary") }],
    texts: [{ channel: "box", part: "text", text: "Hello" }],
  });
  const approved = await approve(proposed);
  expect(approved).toMatchObject({
    changed: true,
    status: "approved",
    answeredBy: "bea",
    publishedAs: "canary",
    policyVersion: await store.versions.inForce(),
  });
  expect(approved).not.toHaveProperty("unverified");
  expect(await inForce()).toEqual({
    ...{ "sentient.yaml": "version: 1\n", "experiences/a.yaml": text("a"), "evals/old.yaml": suite("b") },
    "experiences/b.yaml": `${text("b")}channels: {box: {text: Hello}}\nstatus: canary\n`,
  });
  expect(await approve(proposed, CAL)).toMatchObject({ changed: false, answeredBy: "bea" });
  expect(await publications()).toBe(2);
  const audit = await store.operations.audit({ limit: 10 });
  expect(audit.map(({ by, action, target }) => `${by} ${action} ${target}`).sort()).toEqual(
    [
      `olga published ${before}`,
      `ann proposal_made ${proposed.proposalId}`,
      `bea published ${approved.policyVersion}`,
      `bea proposal_approved ${proposed.proposalId}`,
    ].sort(),
  );
});

test("for all customers: approved, without the block of a canary", async () => {
  await published({});
  const proposed = await propose("b", { text: text("b", "status: proposed\ncanary: {share: 5%}\n") });
  expect((await approve(proposed, BEA, { status: "approved" })).publishedAs).toBe("approved");
  expect((await inForce())["experiences/b.yaml"]).toBe(text("b", "status: approved\n"));
  await expect(approve(proposed, BEA, { status: "canary" })).rejects.toThrow(conflict(/was approved as approved by bea/));
});

test("what changed between reading and approving is refused, and nothing is published", async () => {
  await published({});
  const read = await propose("b");
  const revised = await operations.revise({ id: read.proposalId, experience: { file: "x.yaml", text: text("b", "value: 2\n") } }, CAL);
  expect(revised).toMatchObject({ changed: true, authors: [{ by: "ann" }, { by: "cal" }] });
  expect(revised.hash).not.toBe(read.hash);
  await expect(approve(read)).rejects.toThrow(conflict(/its hash is not .*: revised by cal at .*; read it again/));
  await expect(approve({ ...revised, hash: revised.hash.slice(0, 20) })).rejects.toThrow(conflict(/its whole hash/));
  // Revised while the golden decisions of the approval run.
  found = async () => {
    found = () => PASSES;
    await operations.revise({ id: read.proposalId, experience: { file: "x.yaml", text: text("b", "value: 3\n") } }, CAL);
    return PASSES;
  };
  await expect(approve(revised)).rejects.toThrow(conflict(/its hash is not/));
  expect(await publications()).toBe(1);
});

test.each([
  ["who proposed it", "ann"],
  ["who revised it", "cal"],
  ["the same name in other letters", " ANN\u00a0"],
])("%s does not approve it", async (_, by) => {
  await published({});
  const { proposalId } = await propose("b");
  const revised = await operations.revise({ id: proposalId, experience: { file: "x.yaml", text: text("b", "value: 2\n") } }, CAL);
  await expect(approve(revised, { by, isVerified: true })).rejects.toMatchObject({
    code: "FORBIDDEN",
    message: expect.stringContaining("another person approves it"),
  });
  expect(await publications()).toBe(1);
});

test("a name that no key says is unverified in the record and the audit", async () => {
  await published({});
  const proposed = await propose("b");
  expect(await approve(proposed, { by: "bea", isVerified: false })).toMatchObject({ unverified: true, authors: [{ by: "ann" }] });
  const [last] = (await store.operations.audit({ limit: 10 })).filter(({ action }) => action === "proposal_approved");
  expect(last?.details).toMatchObject({ unverified: true, as: "canary" });
});

test("problems and golden decisions count as of the approval, and the record then shows them", async () => {
  await published({});
  const proposed = await propose("b");
  expect(proposed.ready).toBe(true);
  const later = await published({ "experiences/a.yaml": text("a") });
  found = () => failing("evals/all.yaml");
  await expect(approve(proposed)).rejects.toThrow(
    conflict(
      new RegExp(
        `cannot be approved under version ${later.slice(0, 12)}; it was proposed under .*\nevals/all.yaml:5: all: gets it: deliver a: silence`,
      ),
    ),
  );
  expect(await operations.show({ id: proposed.proposalId })).toMatchObject({
    status: "open",
    ready: false,
    assessed: { policyVersion: later },
  });
  found = () => ({ problems: [{ file: "experiences/b.yaml", line: 2, path: "serves.0", message: "unknown moment m" }], golden: [] });
  await expect(approve(proposed)).rejects.toThrow(conflict(/experiences\/b.yaml:2: serves.0: unknown moment m/));
  expect(await publications()).toBe(2);
});

test("two approvals in the same second: the second is judged anew and published on top of the first", async () => {
  await published({});
  const [b, c] = [await propose("b", { evals: ["b"] }), await propose("c", { evals: ["c"] })];
  const seen: string[][] = [];
  let goOn = (): void => {};
  const bothAreJudged = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  found = async (files) => {
    seen.push([...files.keys()].filter((name) => name.startsWith("experiences/")));
    // Without this the second may read the version in force only once the first is published.
    if (seen.length === 2) goOn();
    await bothAreJudged;
    return PASSES;
  };
  await Promise.all([approve(b), approve(c)]);
  expect(Object.keys(await inForce())).toEqual([
    "evals/b.yaml",
    "evals/c.yaml",
    "experiences/b.yaml",
    "experiences/c.yaml",
    "sentient.yaml",
  ]);
  expect(seen).toHaveLength(3);
  expect(seen.at(-1)).toEqual(["experiences/b.yaml", "experiences/c.yaml"]);
  expect(await publications()).toBe(3);
});

test("golden decisions alone, which make no other version, do not undo one another either", async () => {
  const same = text("a", "status: canary\n");
  await published({ "experiences/a.yaml": same });
  const [b, c] = [await propose("a", { text: same, evals: ["b"] }), await propose("a", { text: same, evals: ["c"], by: CAL })];
  await Promise.all([approve(b), approve(c)]);
  expect(Object.keys(await inForce()).filter((name) => name.startsWith("evals/"))).toEqual(["evals/b.yaml", "evals/c.yaml"]);
});

test("one proposal that two people approve, or one approves and one rejects, at the same time is answered once", async () => {
  await published({});
  const b = await propose("b");
  const answers = await Promise.all([approve(b), approve(b, CAL)]);
  expect(answers.map(({ changed }) => changed).sort()).toEqual([false, true]);
  const c = await propose("c");
  found = async () => {
    await operations.reject({ id: c.proposalId, because: "no" }, CAL);
    return PASSES;
  };
  await expect(approve(c)).rejects.toThrow(conflict(/was rejected by cal/));
  expect(await publications()).toBe(2);
});

test("what is in force in its place has changed since: revised on top of that, it may go", async () => {
  await published({ "experiences/a.yaml": text("a"), "evals/a.yaml": suite("a") });
  const proposed = await propose("a", { text: text("a", "value: 2\n"), evals: ["a"] });
  expect(proposed.experience.inForce).toBe(text("a"));
  await published({ "experiences/a.yaml": text("a", "value: 9\n"), "evals/a.yaml": `${suite("a")}# more\n` });
  await expect(approve(proposed)).rejects.toThrow(
    conflict(/^experience a, golden decisions a: what is in force there has changed.*revise/),
  );
  const again = await operations.revise({ id: proposed.proposalId, experience: { file: "x.yaml", text: text("a", "value: 2\n") } }, CAL);
  // Nothing that was written has changed: the author is the same, and so is the hash.
  expect(again).toMatchObject({ changed: false, hash: proposed.hash, authors: [{ by: "ann" }] });
  expect((await approve(again, CAL)).status).toBe("approved");
});

test("what is answered stays so", async () => {
  await published({});
  const b = await propose("b");
  expect(await operations.reject({ id: b.proposalId, because: "too loud" }, ANN)).toMatchObject({
    changed: true,
    status: "rejected",
    answer: "too loud",
  });
  expect(await operations.reject({ id: b.proposalId }, BEA)).toMatchObject({ changed: false, answeredBy: "ann" });
  await expect(approve(b)).rejects.toThrow(conflict(/was rejected by ann at .*; propose it anew/));
  await expect(operations.revise({ id: b.proposalId, experience: { file: "x.yaml", text: text("b") } }, ANN)).rejects.toThrow(
    conflict(/was rejected/),
  );
  const c = await propose("c");
  await approve(c);
  await expect(operations.reject({ id: c.proposalId }, BEA)).rejects.toThrow(conflict(/was approved as canary by bea/));
  await expect(operations.revise({ id: c.proposalId, experience: { file: "x.yaml", text: text("c") } }, ANN)).rejects.toThrow(
    conflict(/was approved/),
  );
});

test("a revision is about the same experience, and keeps what is not given", async () => {
  await published({});
  const b = await operations.propose(
    { experience: { file: "x.yaml", text: text("b") }, evals: [{ file: "b.yaml", text: suite("b") }], because: "asked" },
    ANN,
  );
  const experience = { file: "x.yaml", text: text("b", "value: 2\n") };
  expect(await operations.revise({ id: b.proposalId, experience }, ANN)).toMatchObject({ because: "asked", evals: [{ text: suite("b") }] });
  await expect(operations.revise({ id: b.proposalId, experience: { file: "x.yaml", text: text("c") } }, ANN)).rejects.toThrow(
    /x.yaml: id: .* is about b, and this is c/,
  );
});

test("a process that is killed after it published has answered it; before, nothing is there", async () => {
  await published({});
  const b = await propose("b");
  // Everything that an approval writes is in one transaction: its last statement fails here.
  await store.database.pool.query("create function stop() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$");
  await store.database.pool.query(
    "create trigger stop before insert on audit for each row when (new.action = 'proposal_approved') execute function stop()",
  );
  await expect(approve(b)).rejects.toThrow();
  expect([await publications(), (await operations.show({ id: b.proposalId })).status]).toEqual([1, "open"]);
  await store.database.pool.query("drop trigger stop on audit");
  await approve(b);
  expect(await publications()).toBe(2);
});

test("a store without a version, ids that name nothing or several, pages", async () => {
  await expect(propose("b")).rejects.toThrow(conflict(/no version is in force.*npx sentient publish DIR/));
  await published({});
  for (const id of ["b", "c", "d"]) await propose(id);
  await expect(operations.show({ id: "prop_" })).rejects.toThrow(/several proposals begin with prop_/);
  await expect(operations.show({ id: "nothing" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const first = await operations.list({ limit: 2, paged: true });
  expect(first.proposals.map(({ experienceId }) => experienceId)).toEqual(["d", "c"]);
  const next = await operations.list({ limit: 2, paged: true, cursor: first.next });
  expect(next.proposals.map(({ experienceId }) => experienceId)).toEqual(["b"]);
  expect(await operations.list({ limit: 5, status: "approved" })).toEqual([]);
});

test("evidence is records that exist; a customer is none, and what was erased is gone", async () => {
  await published({});
  await opened.play([["2026-06-01T15:00:00Z", "go"]]);
  const [decision] = await store.read.decisions({ limit: 1 });
  const id = decision?.decisionId ?? "";
  const evidence = (...ids: string[]) => operations.propose({ experience: { file: "x.yaml", text: text("b") }, evidence: ids }, ANN);
  const proposed = await evidence(id.slice(0, 10), id);
  expect(proposed).toMatchObject({ evidence: [id], records: [{ id, kind: "decision", customerId: "c-1" }] });
  const wrong = `${id.slice(0, 12)}${id[12] === "x" ? "y" : "x"}${id.slice(13)}`;
  await expect(evidence(wrong)).rejects.toThrow(`evidence ${wrong}: no decision, delivery, run or task has this id; did you mean ${id}?`);
  await expect(evidence("c-1")).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(evidence("nothing-of-the-kind")).rejects.toThrow(/npx sentient decisions list shows ids/);
  await opened.operations.customers.erase({ id: "c-1" }, { by: "olga" });
  await expect(evidence(id)).rejects.toThrow(/no decision, delivery, run or task has this id/);
  expect((await operations.show({ id: proposed.proposalId })).records).toEqual([{ id, kind: "gone" }]);
});
