import { afterAll, beforeAll, expect, test } from "vitest";
import { MASK } from "../domain/identity/masking.ts";
import type { Json } from "../domain/values/json.ts";
import { OPERATOR_KEY, openPeopleService, type PeopleService, type TestService } from "../testing/service.ts";

const PEOPLE = { ann: "operator", ada: "analyst", bea: "approver", vic: "viewer", sue: "steward" } as const;
const SETTINGS = "version: 1\nname: Shop\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 1d}}\n";
const text = (id: string, more = ""): string => `id: ${id}\nserves: [m]\nchannels: {box: {text: Hi}}\n${more}`;

let running: TestService;
let ask: PeopleService<keyof typeof PEOPLE>["ask"];
let by: PeopleService<keyof typeof PEOPLE>["by"];
beforeAll(async () => {
  ({ running, ask, by } = await openPeopleService(PEOPLE));
  expect(await ask("/v1/versions", { files: { "sentient.yaml": SETTINGS } }, OPERATOR_KEY)).toMatchObject({ status: 200 });
});
afterAll(async () => running?.close());

const given = (id: string, more = ""): { readonly [member: string]: Json } => ({
  experience: { file: `${id}.yaml`, text: text(id, more) },
  because: "Mrs Miller asked",
});
const proposed = async (name: keyof typeof PEOPLE, id: string) =>
  (await by(name, "/v1/proposals", given(id))).body as { proposalId: string; hash: string };

test("people with keys propose and approve: their names are those of their keys, and one cannot be two", async () => {
  const made = await by("ann", "/v1/proposals", { ...given("one"), by: "somebody else" });
  expect(made).toMatchObject({ status: 200, body: { by: "ann", status: "open", changed: true } });
  expect(made.body).not.toHaveProperty("unverified");
  const { proposalId, hash } = made.body;
  const path = `/v1/proposals/${proposalId}/approve`;
  expect(await by("ann", path, { hash: hash as string })).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
  expect(await ask(path, { hash: hash as string, by: "Ann" }, OPERATOR_KEY)).toMatchObject({
    status: 403,
    body: { reason: "same_person" },
  });
  expect(await by("bea", path, { hash: "0".repeat(64) })).toMatchObject({
    status: 409,
    body: { code: "CONFLICT", reason: "hash_differs" },
  });
  const approved = await by("bea", path, { hash: hash as string });
  expect(approved).toMatchObject({ status: 200, body: { answeredBy: "bea", publishedAs: "canary", changed: true } });
  expect(approved.body).not.toHaveProperty("unverified");
  expect(await by("bea", "/v1/versions")).toMatchObject({
    body: { versions: [{ policyVersion: approved.body.policyVersion, by: "bea", from: `proposal ${proposalId}`, inForce: true }, {}] },
  });
});

test("an operator key names nobody: the record says so", async () => {
  const { proposalId, hash } = await proposed("ada", "two");
  const approved = await ask(`/v1/proposals/${proposalId}/approve`, { hash, by: "somebody" }, OPERATOR_KEY);
  expect(approved.body).toMatchObject({ unverified: true, by: "ada", answeredBy: "somebody" });
});

test("viewers read what is proposed, and not the words of people; who neither proposes nor approves may not", async () => {
  const { proposalId, hash } = await proposed("ann", "three");
  const seen = await by("vic", `/v1/proposals/${proposalId}`);
  expect(seen).toMatchObject({
    status: 200,
    body: { because: MASK, by: "ann", experience: { text: text("three"), file: "experiences/three.yaml" } },
  });
  expect((await by("bea", `/v1/proposals/${proposalId}`)).body).toMatchObject({ because: "Mrs Miller asked", hash });
  const statuses = [
    await by("vic", "/v1/proposals", given("x")),
    await by("bea", "/v1/proposals", given("x")),
    await by("sue", "/v1/proposals", given("x")),
    await by("ada", `/v1/proposals/${proposalId}/approve`, { hash }),
    await by("sue", `/v1/proposals/${proposalId}/reject`, {}),
    await by("bea", `/v1/proposals/${proposalId}/revise`, given("three", "value: 2\n")),
  ].map(({ status }) => status);
  expect(statuses).toEqual([403, 403, 403, 403, 403, 403]);
  const revised = await by("ada", `/v1/proposals/${proposalId}/revise`, given("three", "value: 2\n"));
  expect(revised).toMatchObject({ status: 200, body: { changed: true, authors: [{ by: "ann" }, { by: "ada" }] } });
  expect(await by("bea", `/v1/proposals/${proposalId}/reject`, { because: "no" })).toMatchObject({
    status: 200,
    body: { status: "rejected", answer: "no" },
  });
  expect(await by("vic", `/v1/proposals/${proposalId}`)).toMatchObject({ body: { answer: MASK } });
});

test.each<[string, Json, RegExp]>([
  ["nothing", {}, /experience/],
  ["a text alone", { experience: "id: a" }, /experience/],
  ["no experience", { experience: { file: "a.yaml", text: "hello" } }, /a.yaml: expected an experience: a mapping/],
  ["two documents", { experience: { file: "a.yaml", text: "id: a\n---\nid: b\n" } }, /a.yaml:2: not YAML/],
  ["evidence that is nothing", { ...given("x"), evidence: ["d_nothing_at_all"] }, /evidence d_nothing_at_all: no decision/],
  ["an empty why", { ...given("x"), because: " " }, /because/],
  [
    "a hundred and one ids",
    { ...given("x"), evidence: Array.from({ length: 101 }, (_, n) => `d_${n}`) },
    /101 ids as evidence; expected at most 100/,
  ],
])("%s is refused, and nothing is kept", async (_, body, message) => {
  const before = (await by("ann", "/v1/proposals")).body.proposals as unknown[];
  expect(await by("ann", "/v1/proposals", body)).toMatchObject({
    status: 400,
    body: { code: "BAD_INPUT", detail: expect.stringMatching(message) },
  });
  expect((await by("ann", "/v1/proposals")).body.proposals).toHaveLength(before.length);
});
