import type { ContentField } from "../../domain/entities/policy.ts";
import { isKnownTag } from "../../domain/values/language-tag.ts";
import { type ChannelCatalogue, type ChannelDeclaration, declarationOf } from "../channel-catalogue.ts";
import type { Note } from "../problem.ts";
import { type Path, placeIn } from "../report.ts";
import type { ExperienceFile, WorkspaceFile } from "../schema.ts";
import type { YamlFile } from "../yaml.ts";
import { languagesOf } from "./languages.ts";
import { type SpreadContent, spreadContent } from "./spread-content.ts";

interface Parsed<T> {
  readonly yaml: YamlFile;
  readonly value: T;
}

/**
 * Languages of the brand in which a content is not written, once the workspace writes some content in several; and fields that a content
 * in another language leaves as they are in the default one.
 */
export function notesOnLanguages(
  settings: Parsed<WorkspaceFile>,
  experiences: readonly Parsed<ExperienceFile>[],
  catalogue: ChannelCatalogue,
): Note[] {
  const { brand, channels } = settings.value;
  const languages = brand?.languages ?? [];
  const unknown = languages.flatMap((tag, index) => (isKnownTag(tag) ? [] : [unknownTag(settings.yaml, index, tag)]));
  const spread = experiences.flatMap(({ yaml, value }) =>
    Object.entries(value.channels).flatMap(([channel, given]): Spread[] => {
      const declared = declarationOf(catalogue, Object.hasOwn(channels, channel) ? channels[channel]?.kind : undefined);
      const path = ["channels", channel];
      return declared ? [{ yaml, path, declared, ...spreadContent(given, path) }] : [];
    }),
  );
  if (!spread.some(({ contents }) => contents.some(({ locale }) => locale !== undefined))) return unknown;
  return [...unknown, ...spread.flatMap((one) => [...missingIn(one, languages), ...untranslatedIn(one)])];
}

// --- internal ---

interface Spread extends SpreadContent {
  readonly yaml: YamlFile;
  readonly path: Path;
  readonly declared: ChannelDeclaration;
}

const unknownTag = (yaml: YamlFile, index: number, tag: string): Note => ({
  ...placeIn(yaml, ["brand", "languages", index]),
  message: `${tag} is no language tag that is known; expected one like en or pt-BR`,
});

function missingIn({ yaml, contents, declared }: Spread, brand: readonly string[]): Note[] {
  const languages = languagesOf(contents, brand);
  return contents.flatMap(({ variant, locale, placeOf }): Note[] => {
    const missing = locale === undefined ? languages.missing(variant) : [];
    const isLocalized = languages.isWrittenInSeveral(variant);
    if (missing.length === 0 || (!isLocalized && !speaksToCustomers(declared))) return [];
    const path = isLocalized ? [...placeOf(), "locales"] : placeOf();
    const them = missing.length > 1 ? "them" : "it";
    const message = `brand.languages has ${missing.join(" and ")}, and it is not written in ${them}: these customers get the text in ${languages.ofDefault(variant)}`;
    return [{ ...placeIn(yaml, path), message }];
  });
}

/** Fields with words of our own that stay in the default language. */
const untranslatedIn = ({ yaml, contents, declared }: Spread): Note[] =>
  contents.flatMap((content): Note[] => {
    if (content.locale === undefined) return [];
    const left = Object.entries(content.given).filter(([key, value]) => isWords(key, value, declared) && !content.isTranslated(key));
    if (left.length === 0) return [];
    const fields = left.map(([key]) => key).join(" and no ");
    return [{ ...placeIn(yaml, content.placeOf()), message: `it has no ${fields}, and goes out with the one in another language` }];
  });

const isSpoken = ({ most, form }: ContentField = {}): boolean => most !== undefined && form !== "data";

const speaksToCustomers = ({ text = {}, makesTask }: ChannelDeclaration): boolean =>
  makesTask !== true && Object.values(text).some(isSpoken);

/** Whether a key holds text with letters besides its outputs, tags and markup; a template does. */
function isWords(key: string, value: unknown, { text = {} }: ChannelDeclaration): boolean {
  if (key === "template") return true;
  if (!isSpoken(text[key]) || typeof value !== "string") return false;
  return /\p{L}/u.test(value.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|<[^>]*>/g, ""));
}
