import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Mark } from "../../parts/mark.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { markOfAction } from "../../values/marks.ts";
import { reasonWords } from "../../values/reasons.ts";
import type { Why } from "./answer.ts";
import styles from "./why.module.css";

type Look = Why["looks"][number];

/** The decisions of the window in which the experience was a candidate, the latest first. */
export function Looks({ looks, rests }: { readonly looks: readonly Look[]; readonly rests: string | undefined }): ReactNode {
  return (
    <div className={styles["scroll"]}>
      <table className={styles["looks"]}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What became of it</th>
            <th scope="col">Because</th>
            <th scope="col">What won</th>
          </tr>
        </thead>
        <tbody>
          {looks.toReversed().map((look) => (
            <tr key={look.decisionId} data-rests={look.decisionId === rests || undefined}>
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
                <Said text={look.verdict === "chosen" ? "it" : (look.winner ?? "nothing")} most={200} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
