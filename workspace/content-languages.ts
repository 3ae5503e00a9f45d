import { isKnownTag, tagForm, tagsFor } from "../domain/values/language-tag.ts";
import type { WrittenContent } from "./content-variants.ts";

/** In which languages the contents of a channel are written. */
export interface ContentLanguages {
  /** The language of a variant's default content: the first of the brand's that none of its locales is for; undefined where nothing says it. */
  ofDefault(variant: string | undefined): string | undefined;
  isWrittenInSeveral(variant: string | undefined): boolean;
  /** The brand's languages in which a variant is not written. */
  missing(variant: string | undefined): readonly string[];
}

/** @param brand `brand.languages`; what is no known tag is left out */
export function languagesOf(contents: readonly Pick<WrittenContent, "variant" | "locale">[], brand: readonly string[]): ContentLanguages {
  const known = brand.filter(isKnownTag);
  const tagsOf = (variant: string | undefined): ReadonlySet<string> =>
    new Set(contents.flatMap((one) => (one.variant === variant && one.locale !== undefined ? [tagForm(one.locale)] : [])));
  const others = (variant: string | undefined): string[] => {
    const tags = tagsOf(variant);
    return known.filter((language) => !tagsFor(language).some((tag) => tags.has(tag)));
  };
  return {
    ofDefault: (variant) => others(variant)[0] ?? known[0],
    isWrittenInSeveral: (variant) => tagsOf(variant).size > 0,
    missing: (variant) => others(variant).slice(1),
  };
}
