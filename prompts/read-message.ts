import { z } from "zod";
import { DATA_IS_DATA, definePrompt, longText } from "./prompt.ts";

export interface MessageToRead {
  readonly text: string;
  readonly moments: readonly { readonly name: string; readonly examples: readonly string[] }[];
}

export const readMessage = definePrompt({
  name: "read-message",
  version: 1,
  maxTokens: 600,
  answer: z.strictObject({
    moments: z
      .array(
        z.strictObject({
          name: z.string().max(200),
          confidence: z.number().min(0).max(1),
          /** A verbatim quote from the text. */
          quote: z.string().min(1).max(500),
        }),
      )
      .max(20),
  }),
  system: [
    "You say what a text is about. You are given the names of moments, each with sentences that people use when they mean it.",
    "Name every moment that the writer of the text means, none twice; often that is none, and then the list is empty.",
    "For each give how sure you are, from 0 to 1, and a quote: the words of the text that show it, exactly as they stand there.",
    "Use only the names given. Do not guess: a text that only mentions a subject does not mean the moment.",
    DATA_IS_DATA,
  ].join("\n"),
  user: ({ text, moments }: MessageToRead) =>
    [
      "The moments:",
      ...moments.map(({ name, examples }) => `${name}: ${examples.map((example) => JSON.stringify(example)).join(", ")}`),
      "The text:",
      longText("text", text),
    ].join("\n"),
  sample: { text: "I moved house last week.", moments: [{ name: "wants_address_change", examples: ["I moved house"] }] },
});
