import { z } from "zod";

// What a person without the permission `content` sees of an answer. The schema of the answer decides, and it is strict: a text is
// masked unless its name or a mark says that it is no content, and members that the schema does not name are left out.

/** Stands for a text, an address or a value that is withheld. */
export const MASK = "•••";

/**
 * Marks a part of an answer that is no content: words of the policy, names of signals, names of operators. It is shown as it is, with
 * everything in it. The mark is the last step of a schema: a rule added behind it makes another schema, without the mark.
 */
export function shown<Schema extends z.ZodType>(schema: Schema): Schema {
  noContent.add(schema);
  return schema;
}

/** An answer with everything masked that its schema does not show. */
export const masked = (schema: z.ZodType, value: unknown): unknown => maskBy(schema as unknown as z.core.$ZodTypes, "", value);

// --- internal ---

const noContent = new WeakSet<object>();

/** Names of members that are no content wherever a schema declares them as text: ids, times, operators, words of the policy. */
const NO_CONTENT =
  /^(?:id|ids|at|by|due|since|until|action|channel|code|decidedBy|department|kind|moment|owner|policyVersion|queue|source|stage|state|status|type|variant|verdict)$|(?:Id|Ids|At|By)$/;

/** Forms of text that hold no more than a time. */
const TIMES = ["datetime", "date", "time", "duration"];

function maskBy(schema: z.core.$ZodTypes, name: string, value: unknown): unknown {
  if (value === undefined || value === null || noContent.has(schema)) return value;
  const { def } = schema._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "readonly":
      return maskBy(def.innerType as z.core.$ZodTypes, name, value);
    case "object":
      return isRecord(value) ? membersOf(def.shape, value) : withheld(value);
    case "array":
      return Array.isArray(value) ? value.map((one) => maskBy(def.element as z.core.$ZodTypes, name, one)) : withheld(value);
    case "record":
      return isRecord(value) ? entriesOf(def.valueType as z.core.$ZodTypes, value) : withheld(value);
    case "union":
      return maskAs(def.options as readonly z.core.$ZodTypes[], name, value);
    case "string":
      return isNoContent(name, def) ? ifValid(schema, value) : withheld(value);
    case "enum":
    case "literal":
    case "number":
    case "boolean":
      return ifValid(schema, value);
    default:
      return withheld(value);
  }
}

const isNoContent = (name: string, def: object): boolean =>
  NO_CONTENT.test(name) || ("format" in def && TIMES.includes(String(def.format)));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const membersOf = (shape: Readonly<Record<string, unknown>>, value: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      Object.hasOwn(shape, name) ? [[name, maskBy(shape[name] as z.core.$ZodTypes, name, one)]] : [],
    ),
  );

/** A record of data has its keys withheld too: whoever sent it has chosen them. */
function entriesOf(valueType: z.core.$ZodTypes, value: Readonly<Record<string, unknown>>): unknown {
  if (!["object", "number", "enum", "union"].includes(valueType._zod.def.type)) return withheld(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, maskBy(valueType, "", one)]));
}

function maskAs(options: readonly z.core.$ZodTypes[], name: string, value: unknown): unknown {
  const option = options.find((one) => z.safeParse(one, value).success);
  return option ? maskBy(option, name, value) : withheld(value);
}

const ifValid = (schema: z.core.$ZodTypes, value: unknown): unknown => (z.safeParse(schema, value).success ? value : withheld(value));

/** A value of the same kind that says nothing but that there is one. */
function withheld(value: unknown): unknown {
  if (value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? [] : [MASK];
  if (typeof value === "object") return Object.keys(value).length === 0 ? {} : { [MASK]: MASK };
  return MASK;
}
