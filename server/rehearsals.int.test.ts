import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { SentientError } from "../domain/errors.ts";
import { MASK } from "../domain/identity/masking.ts";
import type { Json } from "../domain/values/json.ts";
import type { RehearsalResult } from "../rehearsal/results/rehearsal-result.ts";
import type { PlayedRehearsal, PlayRehearsal } from "../runtime/rehearsals/play-rehearsal.ts";
import { withoutNames } from "../runtime/rehearsals/without-names.ts";
import { policyOf } from "../testing/policy.ts";
import { aRehearsal } from "../testing/rehearsal.ts";
import { OPERATOR_KEY, openPeopleService, openTestService, type PeopleService, type TestService, until } from "../testing/service.ts";

const PEOPLE = { ada: "analyst", bea: "approver", vic: "viewer" } as const;
const SETTINGS = "version: 1\nname: Shop\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 1d}}\n";
const EXPERIENCE = { file: "hi.yaml", text: "id: hi\nserves: [m]\nchannels: {box: {text: Hi}}\n" };

/** What plays a rehearsal in these tests: each waits until the test says what came of it. */
interface Playing {
  readonly request: Parameters<PlayRehearsal>[0];
  readonly files: Parameters<PlayRehearsal>[2]["files"];
  readonly tell: Parameters<PlayRehearsal>[2]["onProgress"];
  readonly done: (played: PlayedRehearsal | undefined) => void;
  readonly fail: (error: unknown) => void;
  isStopped: boolean;
}
let playing: Playing[];
const play: PlayRehearsal = (request, _database, { files, signal, onProgress }) =>
  new Promise((done, fail) => {
    const one: Playing = { request, files, tell: onProgress, done, fail, isStopped: false };
    playing.push(one);
    signal.addEventListener("abort", () => {
      one.isStopped = true;
      done(undefined);
    });
  });

let running: TestService;
let ask: PeopleService<keyof typeof PEOPLE>["ask"];
let by: PeopleService<keyof typeof PEOPLE>["by"];
let inForce: string;
beforeAll(async () => {
  ({ running, ask, by } = await openPeopleService(PEOPLE, { rehearse: play }));
});
afterAll(async () => running?.close());
beforeEach(async () => {
  playing = [];
  await running.rows("delete from rehearsals");
});

const start = async (body: Json = {}) => (await by("ada", "/v1/rehearsals", body)).body.rehearsalId as string;
const shown = async (id: string) => (await by("ada", `/v1/rehearsals/${id}`)).body;
const statusOf = async (id: string) => (await shown(id)).status;
const listed = async () => (await by("ada", "/v1/rehearsals?limit=50")).body.rehearsals as { rehearsalId: string; status: string }[];
const statusOfNewest = async () => (await listed())[0]?.status;
const begun = async (count: number): Promise<Playing> => {
  await until(() => playing.length === count, "a rehearsal that is played");
  return playing[count - 1] as Playing;
};

test("nothing is rehearsed before a version is in force", async () => {
  expect(await by("ada", "/v1/rehearsals", {})).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  const published = await ask("/v1/versions", { files: { "sentient.yaml": SETTINGS } }, OPERATOR_KEY);
  inForce = published.body.policyVersion as string;
});

test("one is played while the next waits; it tells how far it is, and then what it came to, without names", async () => {
  const made = await by("ada", "/v1/rehearsals", { days: 7, paths: 2, against: inForce.slice(0, 8), by: "segment", note: "why not" });
  const request = { with: { version: inForce }, against: inForce, days: 7, paths: 2, customers: 20_000, seed: "sentient", by: "segment" };
  expect(made).toMatchObject({ status: 202, body: { status: "waiting", by: "ada", request, changed: true } });
  const [first, second] = [made.body.rehearsalId as string, await start()];
  const one = await begun(1);
  expect(one.request).toEqual(request);
  one.tell({ part: "forward", done: 1, of: 4, text: "1 of 4 plays, 12 wakes" });
  await until(async () => (await shown(first)).progress !== undefined, "its progress");
  expect(await shown(first)).toMatchObject({ status: "running", progress: { part: "forward", done: 1, of: 4 } });
  expect(await statusOf(second)).toBe("waiting");
  for (const id of ["c-1", "c-2", "c-3"])
    await running.rows("insert into customers (customer_id, origin, created_at) values ($1, '{}', now())", [id]);
  const estimated = { value: 1, low: 0, high: 2 };
  const gained = { ...estimated, gain: estimated };
  // With every member that a result may have: the answer is checked against what the route declares.
  const result: RehearsalResult = {
    ...aRehearsal(),
    sampleOf: 90,
    value: {
      ...{ decisions: 9, units: 3, confidence: 0.9, logged: estimated, warnings: [] },
      estimates: { ips: gained, snips: gained, dr: gained },
    },
    backtest: { intervals: [], held: 0, share: 0, notForetold: { go: 2 } },
  };
  const left = {
    ...{ at: result.from, side: "both", simulated: true },
    against: { action: "nothing", codes: [], share: 0 },
    with: { action: "nothing", codes: ["cap_reached"], share: 0.5 },
  };
  one.done({ result: withoutNames(result), rows: [{ customerId: "c-2", part: "forward", cell: "leftOut", row: left }] });
  const two = await begun(2);
  expect(await statusOf(second)).toBe("running");
  const seen = (await shown(first)).result;
  expect(seen).toMatchObject({ simulated: true, forward: { groups: [{ name: "lease" }, {}] } });
  expect(seen).not.toHaveProperty("forward.leftOut");
  const masked = (await by("vic", `/v1/rehearsals/${first}`)).body.result;
  expect(masked).toMatchObject({ forward: { groups: [{ name: MASK }, {}] }, policies: result.policies });
  const behind = await by("vic", `/v1/rehearsals/${first}/decisions?part=forward&cell=leftOut`);
  expect(behind.body).toEqual({ decisions: [{ customerId: "c-2", ...left }] });
  const { rehearsals } = (await by("vic", "/v1/rehearsals?limit=1")).body as { rehearsals: object[] };
  expect(rehearsals).toMatchObject([{ rehearsalId: second }]);
  two.fail(new SentientError("BAD_INPUT", "no signal is recorded in the store"));
  await until(async () => (await statusOf(second)) === "failed", "its failure");
  expect(await shown(second)).toMatchObject({ error: { code: "BAD_INPUT", message: "no signal is recorded in the store" } });
  const { audit } = (await by("ada", "/v1/audit")).body as { audit: object[] };
  expect(audit.at(-2)).toMatchObject({
    ...{ action: "rehearsal_started", target: first, by: "ada" },
    details: { with: inForce, against: inForce, note: "why not" },
  });
});

test("one that is cancelled is ended at once, whether it is played or waits; one whose process is killed is played again", async () => {
  const [first, second, third] = [await start(), await start(), await start()];
  const one = await begun(1);
  expect(await by("ada", `/v1/rehearsals/${second}/cancel`, {})).toMatchObject({
    status: 200,
    body: { status: "cancelled", changed: true },
  });
  await by("ada", `/v1/rehearsals/${first}/cancel`, {});
  expect((await by("ada", `/v1/rehearsals/${first}/cancel`, {})).body).toMatchObject({ status: "cancelled", changed: false });
  const two = await begun(2);
  expect(one.isStopped).toBe(true);
  expect(await statusOf(third)).toBe("running");
  two.done(undefined);
  (await begun(3)).done(undefined);
  (await begun(4)).done(undefined);
  await until(async () => (await statusOf(third)) === "failed", "its end");
  expect(await shown(third)).toMatchObject({ error: { code: "INTERRUPTED" } });
  const { audit } = (await by("ada", "/v1/audit")).body as { audit: object[] };
  expect(audit.slice(-2)).toMatchObject([
    { action: "rehearsal_cancelled", target: second },
    { action: "rehearsal_cancelled", target: first },
  ]);
});

test("a proposal is rehearsed as it is, by its hash; what is not there, beyond bounds or not understood is refused", async () => {
  const proposed = await ask("/v1/proposals", { experience: EXPERIENCE, rehearsal: false }, OPERATOR_KEY);
  expect(proposed.body).not.toHaveProperty("rehearsal");
  const { proposalId, hash } = proposed.body as { proposalId: string; hash: string };
  expect((await by("ada", "/v1/rehearsals", { with: { proposal: proposalId } })).body).toMatchObject({
    request: { with: { version: inForce, proposal: proposalId, hash, experienceId: "hi" } },
  });
  (await begun(1)).done({ result: withoutNames(aRehearsal()), rows: [] });
  const codes = async (body: Json, name: keyof typeof PEOPLE = "ada") => {
    const { status, body: told } = await by(name, "/v1/rehearsals", body);
    return `${status} ${told.code}`;
  };
  expect(await codes({ with: { version: "0".repeat(12) } })).toBe("404 NOT_FOUND");
  expect(await codes({ against: "0".repeat(12) })).toBe("404 NOT_FOUND");
  expect(await codes({ with: { proposal: "prop_none" } })).toBe("404 NOT_FOUND");
  for (const body of [{ days: 0 }, { days: 400 }, { paths: 1.5 }, { customers: 1e9 }, { backtest: 1 }, { custmers: 5 }, { with: "me" }])
    expect(await codes(body), JSON.stringify(body)).toBe("400 BAD_INPUT");
  expect(await codes({}, "bea")).toBe("403 FORBIDDEN");
  expect(await by("ada", "/v1/rehearsals/none")).toMatchObject({ status: 404 });
  expect(await by("ada", "/v1/rehearsals/none/cancel", {})).toMatchObject({ status: 404 });
});

test("a proposal carries a short rehearsal, and says of which text it is", async () => {
  const proposed = await by("ada", "/v1/proposals", { experience: { ...EXPERIENCE, text: EXPERIENCE.text.replaceAll("hi", "hey") } });
  const { proposalId, hash } = proposed.body as { proposalId: string; hash: string };
  expect(proposed.body).toMatchObject({ rehearsal: { status: expect.stringMatching(/^(waiting|running)$/), hash, simulated: true } });
  const proposal = async () => (await by("vic", `/v1/proposals/${proposalId}`)).body;
  const first = await begun(1);
  expect(first.request).toMatchObject({ with: { proposal: proposalId, hash }, days: 14, paths: 5, customers: 300 });
  first.done({ result: withoutNames(aRehearsal()), rows: [] });
  await until(async () => (await proposal()).rehearsal !== undefined && (await statusOfNewest()) === "done", "its end");
  expect(((await by("ada", `/v1/proposals/${proposalId}`)).body.rehearsal as { found: string[] }).found).toEqual([
    expect.stringMatching(/wakes that were decided come out differently/),
    expect.stringMatching(/^Deliveries: /),
    ...Array.from({ length: 4 }, () => expect.stringMatching(/in 90 of 100 paths/)),
  ]);
  const revised = await by("ada", `/v1/proposals/${proposalId}/revise`, {
    experience: { file: "hey.yaml", text: "id: hey\nserves: [m]\n" },
    rehearsal: false,
  });
  expect(revised.body).toMatchObject({ changed: true, rehearsal: { hash, status: "done" } });
  expect(revised.body.hash).not.toBe(hash);
  // One that cannot be rehearsed is proposed all the same.
  for (let n = 0; n < 11; n++) await start();
  const other = await by("ada", "/v1/proposals", { experience: { file: "ho.yaml", text: "id: ho\nserves: [m]\n" } });
  expect([other.status, other.body.rehearsal]).toEqual([200, undefined]);
  for (const { rehearsalId } of await listed()) await by("ada", `/v1/rehearsals/${rehearsalId}/cancel`, {});
});

test("files of a folder are rehearsed without being a version, and are forgotten when it ends", async () => {
  const files = { "sentient.yaml": SETTINGS };
  const { status, body } = await by("ada", "/v1/rehearsals", { with: { files } });
  expect([status, body.request]).toEqual([
    202,
    expect.objectContaining({ with: { version: expect.stringMatching(/^[0-9a-f]{64}$/), folder: true } }),
  ]);
  const one = await begun(1);
  expect(one.files).toEqual(files);
  one.done({ result: withoutNames(aRehearsal()), rows: [] });
  await until(async () => (await statusOfNewest()) === "done", "its end");
  expect(await running.rows("select files from rehearsals")).toEqual([{ files: null }]);
  expect((await by("ada", "/v1/rehearsals", { with: { files: { "../x.yaml": "" } } })).body).toMatchObject({ code: "BAD_INPUT" });
});

test("a process that stops puts the one that it plays back", async () => {
  const id = await start();
  await begun(1);
  running.service.drain();
  expect(playing[0]?.isStopped).toBe(true);
  await running.service.close();
  const again = await openTestService(policyOf(""), { remove: async () => {} }, { dataDir: running.service.store.database.place });
  try {
    expect(await again.get(`/v1/rehearsals/${id}`)).toMatchObject({ status: "waiting" });
    const refused = await again.post("/v1/rehearsals", {});
    expect(await refused.json()).toMatchObject({ code: "CONFLICT" });
  } finally {
    await again.close();
  }
});
