import { expect, test } from "vitest";
import { z } from "zod";
import { whyNotDeclared } from "./check-answer.ts";
import { problem } from "./problem.ts";
import { type Given, json } from "./reply.ts";

const gives = {
  200: { description: "One.", schema: z.object({ id: z.string(), tags: z.array(z.looseObject({ name: z.string() })).optional() }) },
  201: { description: "Nothing." },
  202: { description: "A page.", type: "text/html" },
};
const page = (type: string, status = 202) => new Response("<p>", { status, headers: { "content-type": type } });

test.each<[what: string, response: Given, why: RegExp | undefined]>([
  ["of the schema", json({ id: "a", tags: [{ name: "b", more: 1 }] }), undefined],
  ["of a wrong type", json({ id: 1 }), /^200: id: /],
  ["with a member that is not declared", json({ id: "a", secret: "s" }), /members that the schema does not name/],
  ["that is not JSON", page("text/plain", 200), /^200: text\/plain for application\/json/],
  ["of no schema", new Response(null, { status: 201 }), undefined],
  ["of a type", page("text/html; charset=utf-8"), undefined],
  ["of another type", page("text/plain"), /^202: text\/plain for text\/html/],
  ["with a status that is not declared", json({}, 206), /^206: not declared/],
  ["that is a problem", problem("NOT_FOUND", "no such thing"), undefined],
  ["that fails without being a problem", json({ error: "no" }, 404), /^404: application\/json for application\/problem\+json/],
])("an answer %s", async (_what, response, why) => {
  const found = await whyNotDeclared({ gives }, response);
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(why);
});
