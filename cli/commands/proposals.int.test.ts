import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProposalLine, ProposalOutcome } from "../../operations/proposals/views.ts";
import { commandsOnBoth, PLACES } from "../../testing/typed/commands-on-both.ts";
import type { TypedOptions } from "../../testing/typed/typed-command.ts";

const SETTINGS = `timezone: UTC
channels: {box: {kind: file, address: none}}
governance: {consent: {box: opt_out}}
moments: {m: {on: go, expires: 1d}}
`;
const HELLO = "id: hello\nstatus: approved\nserves: [m]\nvalue: 1\nchannels: {box: {text: Hello}}\n";
const signal = (id: string) => ({ specversion: "1.0", source: "web", type: "go", id, subject: "ann", time: "2026-06-01T10:00:00Z" });
const golden = (name: string, experience: string, more = "") => `name: ${name}
cases:
  - name: gets ${experience}
    ${more}signals: [{id: g, source: web, type: go, subject: ann, time: "2026-06-01T10:00:00Z"}]
    expect: [{action: deliver, experience: ${experience}}]
`;

const { type, get } = commandsOnBoth({ settings: SETTINGS, experiences: [HELLO], signals: [signal("1")] });

describe.each(PLACES)("proposals on %s", (place) => {
  const root = mkdtempSync(join(tmpdir(), "sentient-proposals-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  };
  const typed = async <Answer>(command: string, words: readonly string[] = [], options: TypedOptions = {}): Promise<Answer> => {
    const { out } = await type(place, command, words, { json: true, ...options });
    return JSON.parse(out) as Answer;
  };
  const propose = (text: string, options: TypedOptions = {}) =>
    typed<ProposalOutcome>("propose", [file("one.yaml", text)], { by: "ann", "no-rehearsal": true, ...options });
  beforeAll(async () => {
    const shop = mkdtempSync(join(root, "shop-"));
    writeFileSync(join(shop, "sentient.yaml"), `version: 1\nname: Both\n${SETTINGS}`);
    await type(place, "publish", [shop], { force: true, "no-evals": true });
  });

  test("an experience is proposed with its golden decisions, listed and shown", async () => {
    const text = "id: welcome\nserves: [m]\nvalue: 9\nchannels: {box: {text: Welcome}}\n";
    const evals = file("welcome-golden.yaml", golden("welcome", "welcome"));
    const proposed = await propose(text, { evals, because: "they asked for it" });
    expect(proposed).toMatchObject({
      ...{ experienceId: "welcome", status: "open", by: "ann", because: "they asked for it", evidence: [], problems: [], ready: true },
      ...{ changed: true, unverified: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      golden: [{ name: "welcome", brought: true, passed: true, cases: [{ name: "gets welcome", passed: true, differs: [] }] }],
      experience: { file: "experiences/welcome.yaml", text, willBe: `${text}status: canary\n` },
    });
    expect(proposed.experience).not.toHaveProperty("inForce");
    // The same again is the same.
    expect(await propose(text, { evals, because: "they asked for it" })).toMatchObject({ proposalId: proposed.proposalId, changed: false });
    expect(await typed("proposals show", [proposed.proposalId])).toMatchObject({ hash: proposed.hash });
    expect((await typed<ProposalLine[]>("proposals list")).map(({ proposalId }) => proposalId)).toEqual([proposed.proposalId]);
    const { out } = await type(place, "proposals show", [proposed.proposalId.slice(0, 12)]);
    expect(out).toContain("added experiences/welcome.yaml");
    expect(out).toContain("✓ welcome: gets welcome  brought along");
    expect(out).toContain(`hash ${proposed.hash}`);
  });

  test("problems, and golden decisions that differ, stand when it returns", async () => {
    const broken = await propose("id: bad\nserves: [nothing]\nchannels: {box: {text: Hi}}\n");
    expect(broken).toMatchObject({ ready: false, golden: [], problems: [{ file: "experiences/bad.yaml", line: 2 }] });
    const evals = file("other.yaml", golden("other", "nobody"));
    const failing = await propose("id: late\nserves: [m]\nchannels: {box: {text: Hi}}\n", { evals });
    expect(failing.problems).toMatchObject([{ file: "evals/other.yaml", message: expect.stringContaining("unknown experience nobody") }]);
    const silent = file("silent.yaml", golden("silent", "late", "canary: false\n    "));
    expect(await propose("id: late\nserves: [m]\nchannels: {box: {text: Hi}}\n", { evals: silent })).toMatchObject({
      ...{ ready: false, problems: [] },
      golden: [{ name: "silent", passed: false, cases: [{ passed: false, differs: [{ file: "evals/silent.yaml", line: 6 }] }] }],
    });
  });

  test("another person approves it by its hash: a canary in the version in force; revised and rejected ones are refused", async () => {
    const evals = file("gift.yaml", golden("gift", "gift"));
    const text = (value: number): string => `id: gift\nserves: [m]\nvalue: ${value}\nchannels: {box: {text: Gift}}\n`;
    const read = await propose(text(5), { evals });
    const revised = await typed<ProposalOutcome>("proposals revise", [read.proposalId, file("two.yaml", text(6))], { by: "cal" });
    const approve = (hash: string, by: string) => type(place, "proposals approve", [read.proposalId], { hash, by });
    await expect(approve(read.hash, "bea")).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("revised by cal") });
    await expect(approve(revised.hash, "cal")).rejects.toMatchObject({ code: "FORBIDDEN" });
    const { out } = await approve(revised.hash, "bea");
    expect(out).toMatch(/^✓ gift is approved by bea, and published as canary in [0-9a-f]{12}$/);
    expect((await approve(revised.hash, "bea")).out).toMatch(/^✓ gift was already approved by bea/);
    const [inForce] = await typed<{ policyVersion: string; from: string }[]>("versions list");
    expect(inForce?.from).toBe(`proposal ${read.proposalId}`);
    const { files } = await typed<{ files: Record<string, string> }>("versions show", [inForce?.policyVersion ?? ""]);
    expect(files).toMatchObject({ "experiences/gift.yaml": `${text(6)}status: canary\n`, "evals/gift.yaml": golden("gift", "gift") });
    const [late] = await typed<ProposalLine[]>("proposals list", [], { status: "open" });
    const because = "too\u001b[2J loud";
    expect((await type(place, "proposals reject", [late?.proposalId ?? ""], { because, by: "bea" })).out).toMatch(
      / is rejected by bea: late$/,
    );
  });

  test.runIf(place === "a store")("a proposal is rehearsed before it is shown, beside the version in force", async () => {
    const text = "id: louder\nserves: [m]\nvalue: 9\nchannels: {box: {text: Louder}}\n";
    const { proposalId, hash, rehearsal } = await propose(text, { "no-rehearsal": false });
    expect(rehearsal).toMatchObject({
      status: "done",
      hash,
      simulated: true,
      found: ["1 of 1 wakes that were decided come out differently.", expect.anything()],
    });
    const { out } = await type(place, "proposals show", [proposalId]);
    expect(out).toMatch(/rehearsal: done reh_[\w-]+ +simulated\n {2}1 of 1 wakes/);
    await type(place, "proposals reject", [proposalId], { by: "bea" });
  });
});

test("the server has what the command line shows", async () => {
  const { proposals } = (await get("/v1/proposals?status=rejected&limit=1")) as { proposals: ProposalLine[] };
  expect(proposals).toMatchObject([{ experienceId: "late", status: "rejected" }]);
});
