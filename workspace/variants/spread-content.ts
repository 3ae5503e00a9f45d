import { isObject } from "../../domain/values/json.ts";
import { isKnownTag, tagForm } from "../../domain/values/language-tag.ts";
import type { Path } from "../report.ts";

/** One of the contents of a channel: what one variant says in one language, whole. */
export interface WrittenContent {
  readonly variant?: string;
  /** The tag as its author wrote it; missing in the default language. */
  readonly locale?: string;
  /** All its keys, those it shares with others included. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Where a key is written; for one that is missing, where it belongs. */
  placeOf(key?: string): Path;
  /** Whether a key is written in this language, and not taken from the content in the default one. */
  isTranslated(key: string): boolean;
}

export interface SpreadContent {
  /** By variant in the author's order; of each the default language first. */
  readonly contents: readonly WrittenContent[];
  readonly problems: readonly { readonly path: Path; readonly message: string }[];
}

/**
 * Spreads a channel's content over its `variants` and `locales`. What stands beside them is shared: a variant replaces the keys it names,
 * and so does a locale, whole. A body replaces a template, and a template a body.
 */
export function spreadContent(given: Readonly<Record<string, unknown>>, path: Path): SpreadContent {
  if (given.locales === undefined && given.variants === undefined)
    return { contents: [{ given, placeOf: (key) => (key === undefined ? path : [...path, key]), isTranslated: () => true }], problems: [] };
  const problems: { path: Path; message: string }[] = [];
  const tell = (at: Path, message: string): void => void problems.push({ path: at, message });
  const { variants, ...shared } = given;
  const base = layerOf(shared, path, tell);
  const own = variants === undefined ? [undefined] : variantsOf(variants, [...path, "variants"], tell);
  const contents = own.flatMap((variant) => {
    const layers = [base, ...(variant ? [variant.layer] : [])];
    const tags = new Map(layers.flatMap(({ locales }) => [...locales].map(([form, { tag }]) => [form, tag] as const)));
    const named = variant ? { variant: variant.name } : {};
    return [written(layers, named), ...[...tags].map(([form, locale]) => written(layers, { ...named, locale, form }))];
  });
  return { contents, problems };
}

// --- internal ---

/** Keys that stand at one place of the file, and the same in other languages. */
interface Layer {
  readonly path: Path;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly locales: ReadonlyMap<string, { readonly tag: string; readonly layer: Pick<Layer, "path" | "keys"> }>;
}

type Tell = (path: Path, message: string) => void;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

function variantsOf(given: unknown, path: Path, tell: Tell): { readonly name: string; readonly layer: Layer }[] {
  if (!isObject(given) || Object.keys(given).length === 0) {
    tell(path, "expected variants by name, like {short: {...}, story: {...}}");
    return [];
  }
  return Object.entries(given).flatMap(([name, content]) => {
    const at = [...path, name];
    if (!NAME.test(name)) tell(at, "expected a name of letters, digits, dots, dashes and underscores");
    if (isObject(content)) return [{ name, layer: layerOf(content, at, tell) }];
    tell(at, "expected what this variant says, like {text: ...}");
    return [];
  });
}

function layerOf({ locales, ...keys }: Readonly<Record<string, unknown>>, path: Path, tell: Tell): Layer {
  const byForm = new Map<string, { tag: string; layer: Pick<Layer, "path" | "keys"> }>();
  const place = [...path, "locales"];
  if (locales !== undefined && !isObject(locales)) tell(place, "expected languages by tag, like {de: {...}, pt-BR: {...}}");
  for (const [tag, content] of isObject(locales) ? Object.entries(locales) : []) {
    const at = [...place, tag];
    const other = byForm.get(tagForm(tag));
    if (!isKnownTag(tag)) tell(at, `unknown language tag ${tag}; expected one like de or pt-BR`);
    if (other) tell(at, `${other.tag} is the same tag`);
    if (!isObject(content)) tell(at, "expected what stands in this language, like {text: ...}");
    else byForm.set(tagForm(tag), { tag, layer: { path: at, keys: content } });
  }
  return { path, keys, locales: byForm };
}

interface Written {
  readonly variant?: string;
  readonly locale?: string;
  readonly form?: string;
}

/** Layers in the order in which they replace each other. A variant replaces shared keys in every language. */
function written(layers: readonly Layer[], { form, ...named }: Written): WrittenContent {
  const parts = layers.flatMap((layer) => {
    const translated = form === undefined ? undefined : layer.locales.get(form)?.layer;
    return [{ ...layer, isTranslated: form === undefined }, ...(translated ? [{ ...translated, isTranslated: true }] : [])];
  });
  const given = new Map<string, unknown>();
  const places = new Map<string, { readonly path: Path; readonly isTranslated: boolean }>();
  for (const { keys, path, isTranslated } of parts) {
    for (const [key, replaced] of EITHER) if (key in keys && !(replaced in keys)) given.delete(replaced);
    for (const [key, value] of Object.entries(keys)) {
      given.set(key, value);
      places.set(key, { path: [...path, key], isTranslated });
    }
  }
  const innermost = parts.at(-1)?.path ?? [];
  const ownerOf = (key: string): Path =>
    places.get(given.has("template") && key === "body" ? "template" : key)?.path.slice(0, -1) ?? innermost;
  return {
    ...named,
    given: Object.fromEntries(given),
    placeOf: (key) => (key === undefined ? innermost : [...ownerOf(key), key]),
    isTranslated: (key) => places.get(key)?.isTranslated ?? true,
  };
}

/** The text of a template is the body. */
const EITHER = [
  ["body", "template"],
  ["template", "body"],
] as const;
