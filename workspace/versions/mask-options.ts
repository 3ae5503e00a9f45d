import { isScalar, type Node, parseDocument, type Scalar, visit } from "yaml";
import { MASK } from "../../domain/identity/masking.ts";
import type { WorkspaceFiles } from "../check-files.ts";

/**
 * The files of a version as people may read them: options of channels are masked where they are written out, as they may be secrets. What
 * says how a channel is used (`kind`, `address`, `counts`) and plain variables stay. The rest of the file is as it was, comments included.
 */
export function withMaskedOptions(files: WorkspaceFiles): WorkspaceFiles {
  const settings = files.get("sentient.yaml");
  return settings === undefined ? files : new Map([...files, ["sentient.yaml", Buffer.from(maskOptions(settings.toString("utf8")))]]);
}

// --- internal ---

const SHOWN = ["kind", "address", "counts", "provider"];

/** Nothing but variables, none with a value behind `:-`. */
const ONLY_VARIABLES = /^(\$\{[A-Za-z_][A-Za-z0-9_]*\})+$/;

type Range = readonly [from: number, to: number];

function maskOptions(text: string): string {
  const document = parseDocument(text);
  const channels = document.get("channels", true) as Node | undefined;
  if (document.errors.length > 0 || channels === undefined) return document.errors.length > 0 ? MASK : text;
  const ranges: Range[] = [];
  const mask = (node: Node): void =>
    visit(node, {
      Pair: (_, { key }) => (isScalar(key) && SHOWN.includes(String(key.value)) ? visit.SKIP : undefined),
      // What an alias stands for may be written anywhere.
      Alias: (_, alias) => {
        const meant = alias.resolve(document);
        if (meant) mask(meant);
      },
      Scalar: (key, scalar) => {
        if (key !== "key" && isSecret(scalar) && scalar.range) ranges.push([scalar.range[0], scalar.range[1]]);
      },
    });
  mask(channels);
  return withoutRanges(text, ranges);
}

const isSecret = ({ value }: Scalar): boolean =>
  value !== null && value !== "" && typeof value !== "boolean" && !(typeof value === "string" && ONLY_VARIABLES.test(value));

/** From the end, so that earlier places stay; a block of lines keeps its last line break. */
function withoutRanges(text: string, ranges: readonly Range[]): string {
  let masked = text;
  let last = text.length + 1;
  for (const [from, to] of [...ranges].sort(([a], [b]) => b - a)) {
    if (from === last) continue;
    last = from;
    masked = `${masked.slice(0, from)}"${MASK}"${masked.slice(from, to).endsWith("\n") ? "\n" : ""}${masked.slice(to)}`;
  }
  return masked;
}
