import { isKnownTag, tagForm, tagsFor } from "../../domain/values/language-tag.ts";
import type { WrittenContent } from "./spread-content.ts";

/** In which languages the contents of a channel are written. */
export interface ContentLanguages {
  /** The language of a variant's default content: the first of the brand's that none of its locales is in; undefined where nothing says it. */
  ofDefault(variant: string | undefined): string | undefined;
  isWrittenInSeveral(variant: string | undefined): boolean;
  /** The brand's languages in which a variant is not written. */
  missing(variant: string | undefined): readonly string[];
}

/** @param brand `brand.languages`; what is no known tag is left out */
export function languagesOf(contents: readonly Pick<WrittenContent, "variant" | "locale">[], brand: readonly string[]): ContentLanguages {
  const known = brand.filter(isKnownTag);
  const tagsOf = (variant: string | undefined): string[] =>
    contents.flatMap((one) => (one.variant === variant && one.locale !== undefined ? [tagForm(one.locale)] : []));
  const ofDefault = (variant: string | undefined): string | undefined => {
    const written = tagsOf(variant).map(languageIn);
    return known.find((language) => !written.includes(languageIn(language))) ?? known[0];
  };
  return {
    ofDefault,
    isWrittenInSeveral: (variant) => tagsOf(variant).length > 0,
    missing: (variant) => {
      const tags = tagsOf(variant);
      return known.filter((language) => language !== ofDefault(variant) && !tagsFor(language).some((tag) => tags.includes(tag)));
    },
  };
}

// --- internal ---

/** A tag without region and script. */
const languageIn = (tag: string): string => tagForm(tag).split("-")[0] ?? "";
