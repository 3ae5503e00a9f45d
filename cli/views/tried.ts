import type { TriedText } from "../../engine/try-text.ts";
import type { Paint } from "../io.ts";
import { table } from "./table.ts";

/** What a text would open: each moment with its confidence and nearest examples. */
export function triedLines({ by, model, embeddings, threshold, opens, moments, anyway, notes }: TriedText, paint: Paint): string[] {
  const reader = {
    model: `the language model ${model ?? ""}`,
    embeddings: `the classifier, with the vectors of ${embeddings ?? ""}`,
    classifier: "the classifier",
  }[by];
  return [
    opens.length > 0 ? `opens ${paint.bold(opens.join(", "))}` : `opens none of them: no confidence reaches ${threshold}`,
    paint.dim(`read by ${reader}; a moment opens at a confidence of ${threshold} or more`),
    "",
    ...table(
      moments.flatMap(({ name, confidence, opens: isOpen, when, examples }) => [
        [
          isOpen ? paint.green("✓") : paint.dim("·"),
          paint.bold(name),
          confidence.toFixed(3),
          when === undefined ? "" : paint.dim(`if ${when}`),
        ],
        ...examples.map(({ text, likeness }) => ["", "", paint.dim(likeness.toFixed(3)), paint.dim(`like ${JSON.stringify(text)}`)]),
      ]),
    ),
    ...(anyway.length > 0 ? ["", `whatever its text, such a signal opens ${anyway.join(", ")}`] : []),
    ...notes.map(paint.dim),
  ];
}
