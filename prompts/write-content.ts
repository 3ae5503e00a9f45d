import { z } from "zod";
import { DATA_IS_DATA, data, definePrompt } from "./prompt.ts";

export interface ContentToWrite {
  readonly brief: string;
  readonly brand: {
    readonly name: string;
    readonly voice?: string;
    readonly do: readonly string[];
    readonly dont: readonly string[];
    readonly banned: readonly string[];
    readonly disclosures: readonly string[];
    readonly languages: readonly string[];
  };
  /** The author's text by part, with a marker in place of each link. */
  readonly author: Readonly<Record<string, string>>;
  /** Maximum characters of each part. */
  readonly lengths: Readonly<Record<string, number>>;
  readonly links: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** Name and tag of the language of the text, where the author wrote it in several. */
  readonly language?: string;
}

export const WrittenParts = z.strictObject({
  parts: z.array(z.strictObject({ part: z.string().max(40), text: z.string().max(20_000) })).max(10),
});

const RULES = [
  "You write the text of one message to one customer, after a brief. The author's own text is given: it says everything that may be said.",
  "Write every part that the author wrote, in the language of the author's text, in the brand's voice. Plain text, no markup; paragraphs are separated by an empty line.",
  "State no number, amount, date, code, name or product that does not stand in the author's text or the facts, and write each as it stands there.",
  "Promise nothing that the author's text does not promise. Do not spell numbers out. Leave no placeholders.",
  "Write no addresses of any kind. Where the author's text has a marker like [link 1], put the same marker where the link belongs; use each one.",
  DATA_IS_DATA,
];

export const writeContent = definePrompt({
  name: "write-content",
  version: 1,
  maxTokens: 2_000,
  answer: WrittenParts,
  system: RULES.join("\n"),
  user: (given: ContentToWrite) => assignment(given).join("\n"),
  sample: sample(),
});

export interface ContentToRevise extends ContentToWrite {
  readonly written: Readonly<Record<string, string>>;
  readonly findings: readonly string[];
}

export const reviseContent = definePrompt({
  name: "revise-content",
  version: 1,
  maxTokens: 2_000,
  answer: WrittenParts,
  system: [
    ...RULES,
    "You have written a text already, and it may not be sent as it is. Write it again so that nothing is left to find fault with.",
  ].join("\n"),
  user: (given: ContentToRevise) =>
    [
      ...assignment(given),
      "What you wrote:",
      data("written", given.written, 8_000),
      "What is wrong with it:",
      data("findings", given.findings),
    ].join("\n"),
  sample: { ...sample(), written: { text: "Your lease ends in 3 days" }, findings: ["text: 3 is not in the facts"] },
});

// --- internal ---

function assignment({ brief, brand, author, lengths, links, facts, language }: ContentToWrite): string[] {
  const list = (title: string, items: readonly string[]) => (items.length > 0 ? [`${title}: ${items.join("; ")}`] : []);
  return [
    `The brief: ${brief}`,
    `The brand is ${brand.name}.`,
    ...list("Its voice", brand.voice === undefined ? [] : [brand.voice]),
    ...list("Do", brand.do),
    ...list("Do not", brand.dont),
    ...list("Never write", brand.banned),
    ...list("Say word for word", brand.disclosures),
    ...list("Its languages", brand.languages),
    ...list("Write in this language alone", language === undefined ? [] : [language]),
    `Parts, with the most characters of each: ${Object.entries(lengths)
      .map(([part, most]) => `${part} (${most})`)
      .join(", ")}`,
    ...list("Links to place", links),
    "The author's text:",
    data("author", author, 8_000),
    "The facts:",
    data("facts", facts),
  ];
}

function sample(): ContentToWrite {
  return {
    brief: "Remind them warmly.",
    brand: {
      name: "Northwind",
      voice: "warm and short",
      do: ["say thanks"],
      dont: ["shout"],
      banned: ["cheap"],
      disclosures: ["Terms apply."],
      languages: ["en"],
    },
    author: { text: "Your lease ends on 1 August. [link 1]" },
    lengths: { text: 160 },
    links: ["[link 1]"],
    facts: { "customer.lease.endsOn": "2026-08-01" },
  };
}
