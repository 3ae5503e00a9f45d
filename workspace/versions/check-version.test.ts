import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../tools/index.ts";
import { loadWorkspace } from "../load.ts";
import { checkVersion } from "./check-version.ts";
import { packFiles, unpackFiles } from "./version-files.ts";

const OPTIONS = { environment: {}, channels: channelsOf(), tools: actionTools };

test("files from a store compile to the policy of the folder that they came from, with its policyVersion", () => {
  const folder = loadWorkspace("examples/starter", OPTIONS);
  const checked = checkVersion(unpackFiles(JSON.parse(JSON.stringify(packFiles(folder.files)))), OPTIONS);
  if (!checked.ok) throw new Error("expected a sound version");
  expect(checked.policy.version).toBe(folder.policy.version);
  expect(JSON.stringify(checked.policy)).toBe(JSON.stringify(folder.policy));
  expect(checked.settings).toEqual(folder.settings);
});

test("a folder's files hold what is written in sentient.yaml and the five folders, and neither customers nor signals", () => {
  const { files } = loadWorkspace("examples/dealership", { ...OPTIONS, environment: { TWILIO_AUTH_TOKEN: "from-the-environment" } });
  expect(files.get("sentient.yaml")).toEqual(readFileSync("examples/dealership/sentient.yaml"));
  expect([...files.keys()].filter((name) => !/^(sentient\.yaml$|(experiences|templates|tools|channels|evals)\/)/.test(name))).toEqual([]);
  expect([...files.keys()].some((name) => name.startsWith("evals/"))).toBe(true);
  expect([...files.values()].some((bytes) => bytes.includes("from-the-environment"))).toBe(false);
});

test("problems name files and lines, as those of a folder do", () => {
  const checked = checkVersion(new Map([["sentient.yaml", Buffer.from("version: 1\nname: T\nmomentz: {}\n")]]), OPTIONS);
  expect(checked).toMatchObject({
    ok: false,
    problems: expect.arrayContaining([expect.objectContaining({ file: "sentient.yaml", line: 3 })]),
  });
});

test("a version with a name that leads out of a workspace is not compiled", () => {
  const files = new Map([
    ["sentient.yaml", Buffer.from("not: [yaml")],
    ["experiences/../x.yaml", Buffer.alloc(0)],
  ] as const);
  expect(checkVersion(files, OPTIONS)).toEqual({
    ok: false,
    problems: [{ file: "experiences/../x.yaml", message: expect.stringContaining("no ..") }],
  });
});
