import { isMjml, MJML_ELEMENTS, mjmlProblem } from "../channels/smtp/check-mjml.ts";
import { smtp } from "../channels/smtp/smtp.ts";
import { nearest } from "../domain/values/nearest.ts";
import type { Problem } from "../workspace/problem.ts";
import type { HtmlBody } from "../workspace/report.ts";

/** Mails in MJML that cannot be laid out, whatever their values: with every condition in them true, or with none. */
export function problemsOfMails(bodies: readonly HtmlBody[]): Problem[] {
  const problems = bodies.filter(({ kind }) => kind === smtp.kind).flatMap((body) => problemOf(body, true) ?? problemOf(body, false) ?? []);
  const keys = problems.map((problem) => JSON.stringify(problem));
  return problems.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}

// --- internal ---

function problemOf(body: HtmlBody, holds: boolean): Problem | undefined {
  const outline = body.outline(holds);
  if (!outline) return undefined;
  if (!isMjml(outline.text))
    return body.template?.endsWith(".mjml.liquid") && holds
      ? problemAt(body, outline.placeOf(0), "expected <mjml> at its beginning")
      : undefined;
  const found = mjmlProblem(outline.text);
  if (!found) return undefined;
  const meant = found.unknown === undefined ? undefined : nearest(found.unknown, MJML_ELEMENTS);
  return problemAt(
    body,
    outline.placeOf(found.offset),
    `not sound MJML: ${found.message}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

function problemAt(body: HtmlBody, { line, file }: { readonly line: number; readonly file?: string }, message: string): Problem {
  const template = file ?? body.template;
  if (template !== undefined) return { file: `templates/${template}`, line, message };
  const { file: own, line: first = 1, path, isBlock } = body;
  return { file: own, line: isBlock ? first + line : first, ...(path === undefined ? {} : { path }), message };
}
