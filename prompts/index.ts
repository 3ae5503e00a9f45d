import { converse } from "./converse.ts";
import { judgeCriteria } from "./judge-criteria.ts";
import { readMessage } from "./read-message.ts";
import { type Wording, wordingOf } from "./wording.ts";
import { reviseContent, writeContent } from "./write-content.ts";

/** All prompts with the fingerprints of their wordings. */
export const wordings: readonly Wording[] = [
  wordingOf(judgeCriteria),
  wordingOf(readMessage),
  wordingOf(writeContent),
  wordingOf(reviseContent),
  wordingOf(converse),
];
