import { isObject } from "../../domain/values/json.ts";
import type { Note } from "../problem.ts";
import { placeIn } from "../report.ts";
import type { YamlFile } from "../yaml.ts";

/** Channel options that are written out and look like secrets: a version keeps `sentient.yaml` as it is written. */
export function notesOnSecrets(yaml: YamlFile): Note[] {
  const channels = isObject(yaml.written) && isObject(yaml.written.channels) ? yaml.written.channels : {};
  return Object.entries(channels).flatMap(([name, options]) =>
    secretsIn(options, ["channels", name]).map((path) => ({
      ...placeIn(yaml, path),
      message: `is a secret that is written out, and every version of this workspace would keep it; expected a variable like \${${variableFor(path)}}`,
    })),
  );
}

// --- internal ---

type Path = readonly (string | number)[];

const SECRET_NAME = /secret|token|passw(or)?d|passphrase|credential|authorization|api-?_?key|(private|signing|secret|access)-?_?key/i;

/** Name and password in an address. */
const WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

function secretsIn(value: unknown, path: Path): Path[] {
  if (typeof value === "string") return isWrittenSecret(String(path.at(-1)), value) ? [path] : [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  return entries.flatMap(([key, inner]) => secretsIn(inner, [...path, key]));
}

/** A value with a variable in it counts as meant: what is behind `:-` stands in where there is none. */
const isWrittenSecret = (name: string, value: string): boolean =>
  value !== "" && !value.includes("${") && (SECRET_NAME.test(name) || WITH_PASSWORD.test(value));

const variableFor = (path: Path): string =>
  path
    .slice(1)
    .map((step) => String(step).replace(/([a-z0-9])([A-Z])/g, "$1_$2"))
    .join("_")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
