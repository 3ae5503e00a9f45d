import { createHash, randomBytes } from "node:crypto";
import { SentientError } from "../../../domain/errors.ts";
import { isPersonName, isRole, ROLES } from "../../../domain/identity/roles.ts";
import { type Common, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";

/** Makes a key for a person. Nothing keeps it: the server needs its hash only. */
export async function run({ person, json }: Pick<Common, "json"> & { readonly person: string }, io: Io): Promise<number> {
  const [, name = "", role = ""] = /^(.*)\/([^/]*)$/s.exec(person)?.map((part) => part.trim()) ?? [];
  if (!isPersonName(name) || !isRole(role))
    throw new SentientError(
      "BAD_INPUT",
      `${person}: expected NAME/ROLE, like ann/approver, with one of the roles ${Object.keys(ROLES).join(", ")}; a name has no comma and no =`,
    );
  const key = `console_${randomBytes(32).toString("base64url")}`;
  const entry = `${name}/${role}=sha256:${createHash("sha256").update(key).digest("hex")}`;
  if (json) io.out(JSON.stringify({ name, role, key, entry }));
  else for (const line of linesOf(name, key, entry, io.environment.SENTIENT_CONSOLE_KEYS)) io.out(line);
  return DONE;
}

// --- internal ---

const linesOf = (name: string, key: string, entry: string, before: string | undefined): readonly string[] => [
  `key of ${name}, shown this once:`,
  key,
  "",
  "for the environment of serve, every process of it, with commas between several:",
  `SENTIENT_CONSOLE_KEYS=${quoted(before ? `${before},${entry}` : entry)}`,
];

/** As a shell takes it: a name may have spaces. */
const quoted = (value: string): string => (/^[\w/=:,.@-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
