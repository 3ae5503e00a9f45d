import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../cli/commands/index.js";
import { readAskBody } from "../domain/entities/ask.ts";
import { unknownInAsk } from "../domain/entities/ask-names.ts";
import { dedent, policyOf } from "./policy.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/asking.md"), "utf8");

/** The code of the page in a language, block by block, without the indentation of its list. */
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm"))].map(([, code = ""]) => dedent(code).trim());

const [site = "", season = "", tool = ""] = blocks("yaml");

test("the YAML of docs/asking.md is a workspace", () => {
  const { channels, experiences } = policyOf(site, [season]);
  expect([channels.web?.pull?.places, experiences.map(({ id }) => id)]).toEqual([["hero", "banner"], ["site-season"]]);
  const mail = "  email: {kind: smtp, url: 'smtp://localhost', from: a@example.com}";
  const { campaigns } = policyOf(`${tool}\n${mail}`, ["channels: {campaigns: {content: {subject: Hello}}}"]).channels;
  expect(campaigns?.pull).toMatchObject({ like: "email", hold: 600_000 });
});

test("the page of docs/asking.md sends an ask that its workspace has", async () => {
  const [code = ""] = blocks("js");
  const sent: { readonly url: string; readonly body: unknown }[] = [];
  const fetched = async (url: string, { body }: { readonly body: string }) => {
    sent.push({ url, body: JSON.parse(body) });
    return { json: async () => ({ places: { hero: { content: "shown" } } }) };
  };
  const given = { server: "http://s", siteKey: "k", visitor: "v-1", location: { pathname: "/coats" }, fetch: fetched };
  const run = new Function(...Object.keys(given), `return (async () => {\n${code}\nreturn places;\n})();`);
  expect(await run(...Object.values(given))).toEqual({ hero: { content: "shown" } });
  const [{ url, body } = { url: "", body: undefined }] = sent;
  const read = readAskBody(body);
  expect([sent.length, url, read]).toEqual([1, "http://s/v1/next", { ok: true, body }]);
  expect(read.ok && unknownInAsk(read.body, policyOf(site, [season]))).toBeUndefined();
});

test("every command of docs/asking.md exists, with its options", () => {
  const typed = [...page.matchAll(/npx sentient (\w+)((?: --\w+ [\w-]+)*)/g)].map(([, name = "", words = ""]) => ({
    name,
    options: [...words.matchAll(/--(\w+)/g)].map(([, option = ""]) => option),
  }));
  expect(typed.map(({ name }) => name)).toEqual(["dev", "next"]);
  for (const { name, options } of typed)
    expect(Object.keys(commands.find((one) => one.name === name)?.options ?? {})).toEqual(expect.arrayContaining(options));
});
