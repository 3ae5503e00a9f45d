import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Mark } from "../../parts/mark.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { markOfAction } from "../../values/marks.ts";
import { reasonWords } from "../../values/reasons.ts";
import { type Look, wonWords } from "./answer.ts";

/** The decisions of the window in which the experience was a candidate, the latest first. */
export function Looks({ looks, rests }: { readonly looks: readonly Look[]; readonly rests: string | undefined }): ReactNode {
  return (
    <PlainTable heads={["When", "What became of it", "Because", "What won"]} isCards>
      {looks.toReversed().map((look) => (
        <tr key={look.decisionId} data-selected={look.decisionId === rests || undefined}>
          <td>
            <Link to="/decisions/$id" params={{ id: look.decisionId }}>
              <Time at={look.decidedAt} as="absolute" />
            </Link>
          </td>
          <td>
            <Mark kind={look.verdict === "chosen" ? markOfAction(look.action) : "held"} />
          </td>
          <td>
            {look.codes.map((code) => (
              <div key={code}>{reasonWords(code)}</div>
            ))}
          </td>
          <td>
            <Said text={wonWords(look)} most={200} />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
