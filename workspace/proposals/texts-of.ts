import { parseDocument } from "yaml";

/** What a channel says, as its author wrote it. */
export interface WrittenText {
  readonly channel: string;
  readonly variant?: string;
  readonly locale?: string;
  /** The field: `text`, `subject`, `payload.title`. */
  readonly part: string;
  readonly text: string;
}

/** The texts of an experience by channel, variant and locale, in the order of its file; none of what is no YAML. */
export function textsOf(yaml: string): WrittenText[] {
  const content = contentIn(yaml);
  const channels = isRecord(content) ? content["channels"] : undefined;
  return isRecord(channels) ? Object.entries(channels).flatMap(([channel, own]) => within(own, { channel }, [])) : [];
}

// --- internal ---

/** Undefined for what is no YAML, and for aliases that grow without end. */
function contentIn(yaml: string): unknown {
  const document = parseDocument(yaml);
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

type Place = Omit<WrittenText, "part" | "text">;

/** Blocks whose members are ways to say the same. */
const WAYS: Readonly<Record<string, "locale" | "variant">> = { locales: "locale", variants: "variant" };

/** `above`: the blocks around it. An alias may stand for one of them. */
function within(value: unknown, place: Place, path: readonly string[], above: readonly object[] = []): WrittenText[] {
  if (typeof value === "string") return [{ ...place, part: path.join("."), text: value }];
  if (!isRecord(value) || above.includes(value)) return [];
  const around = [...above, value];
  return Object.entries(value).flatMap(([name, member]) => {
    const way = path.length === 0 && Object.hasOwn(WAYS, name) ? WAYS[name] : undefined;
    if (way === undefined || !isRecord(member)) return within(member, place, [...path, name], around);
    return Object.entries(member).flatMap(([which, content]) => within(content, { ...place, [way]: which }, [], around));
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
