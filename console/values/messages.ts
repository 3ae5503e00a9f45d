/** The variant and the language of a message, as far as it has several: `variant short, in de-AT`. */
export const wayWords = ({ variant, locale }: { readonly variant?: string | undefined; readonly locale?: string | undefined }): string =>
  [
    ...(variant === undefined ? [] : [`variant ${variant}`]),
    ...(locale === undefined ? [] : [locale === "default" ? "in the language it is written in" : `in ${locale}`]),
  ].join(", ");
