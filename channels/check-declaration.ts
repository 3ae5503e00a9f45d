import { z } from "zod";
import { ADDRESS_KINDS, CONSENT_DEFAULTS, TEXT_FORMS } from "../domain/entities/policy.ts";
import { aFunction, isSchema } from "../domain/values/parse-by.ts";
import type { AnyChannel } from "./channel.ts";

/**
 * Problems of a value that should be a channel of `defineChannel`: code outside of this package has not necessarily been
 * compiled against its types. Each line names the member and what was expected; empty where the declaration is complete.
 */
export function problemsOfDeclaration(value: unknown): string[] {
  const parsed = Declaration.safeParse(value);
  return parsed.success ? problemsBetween(value as AnyChannel) : parsed.error.issues.map(described);
}

// --- internal ---

const anObject = (what: string) =>
  z.custom<z.ZodObject>((value) => isSchema(value) && "shape" in value, `expected a z.object({…}) of ${what}`);
const characters = z.int("expected a number of characters").min(1, "expected a number of characters").optional();
const oneOf = <const T extends readonly string[]>(values: T) => z.enum(values, `expected ${values.join(", ")}`).optional();

const Declaration = z.strictObject(
  {
    kind: z
      .string("expected a name like pager")
      .regex(/^[a-z][a-z0-9_-]{0,40}$/, "expected a name like pager: small letters, digits, dashes"),
    options: anObject("its options in sentient.yaml"),
    content: anObject("what an experience writes for it"),
    text: z
      .record(
        z.string(),
        z.strictObject({ form: oneOf(TEXT_FORMS), most: characters, answer: characters, alphabet: oneOf(["gsm7"]) }),
        "expected an object by field of the content, like {text: {most: 200}}",
      )
      .optional(),
    address: oneOf(ADDRESS_KINDS),
    consent: oneOf(CONSENT_DEFAULTS),
    services: z.boolean("expected true or false").optional(),
    connect: aFunction("connects and gives {send}"),
    inbound: z
      .strictObject(
        {
          provider: z.string("expected text").optional(),
          options: z.custom(isSchema, "expected a zod schema"),
          open: aFunction("gives a reader of webhooks"),
        },
        "expected {options, open}",
      )
      .optional(),
  },
  "expected what defineChannel makes",
);

function described(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [...path, issue.message].join(": ");
  return [...path, `${issue.keys.join(", ")} is no member of ${path.length === 0 ? "a channel" : "it"}`].join(": ");
}

/** Keys that `sentient.yaml` has for every channel. */
const RESERVED = ["kind", "address", "counts", "inbound"];

/** What a channel's parts say about each other. */
function problemsBetween({ options, content, text = {} }: AnyChannel): string[] {
  return [
    ...RESERVED.filter((name) => Object.hasOwn(options.shape, name)).map(
      (name) => `options: ${name} means something for every channel; expected another name`,
    ),
    ...["brief", "template"]
      .filter((name) => Object.hasOwn(content.shape, name))
      .map((name) => `content: ${name} is there for every channel already`),
    ...Object.entries(text).flatMap(([field, { form, most, answer }]) => {
      if (!Object.hasOwn(content.shape, field)) return [`text: ${field} is no field of content`];
      if (form === "data" && most !== undefined) return [`text: ${field}: data has no words; expected no most`];
      return answer !== undefined && most === undefined ? [`text: ${field}: expected most beside answer`] : [];
    }),
  ];
}
