import type { AskAnswer, PlaceAnswer } from "../../domain/entities/ask.ts";
import type { Io } from "../io.ts";
import { minuteOf } from "./decision-line.ts";

/** The answer to an ask: a heading, and each place with what it is given, or why it is given nothing. */
export function answerLines({ customerId, decidedAt, late, places }: AskAnswer, { paint }: Pick<Io, "paint">): string[] {
  const heading = `${paint.bold(customerId)}  ${paint.dim(minuteOf(decidedAt))}`;
  if (late) return [`${heading}  ${paint.yellow("late")}: nothing was decided in time, and this ask never will be`];
  return [heading, ...Object.entries(places).flatMap(([name, place]) => ["", ...placeLines(name, place, paint)])];
}

// --- internal ---

function placeLines(name: string, place: PlaceAnswer, paint: Io["paint"]): string[] {
  const { action, experienceId = "", again, until, holdUntil, content, probability, deliveryId, decisionId } = place;
  const codes = [...new Set(place.reasons.map(({ code }) => code))].join(", ");
  const gives = action === "deliver";
  const what = [
    gives ? paint.green(experienceId) : `${action} ${experienceId}`.trim(),
    ...wayOf(place),
    ...(again ? ["again"] : []),
    ...(holdUntil === undefined ? [] : [`held until ${minuteOf(holdUntil)}`]),
    ...(until === undefined ? [] : [`until ${minuteOf(until)}`]),
    ...(gives || codes === "" ? [] : [paint.dim(codes)]),
  ].join("  ");
  const ids = gives && deliveryId !== undefined ? `delivery ${deliveryId}` : `decision ${decisionId}`;
  return [
    `${name}  ${what}`,
    ...(content === undefined
      ? []
      : JSON.stringify(content, undefined, 2)
          .split("\n")
          .map((line) => `  ${line}`)),
    paint.dim(`  ${ids}  probability ${Math.round(probability * 1_000) / 1_000}`),
  ];
}

const wayOf = ({ variant, locale }: PlaceAnswer): string[] => [
  ...(variant === undefined ? [] : [`variant ${variant}`]),
  ...(locale === undefined || locale === "default" ? [] : [locale]),
];
