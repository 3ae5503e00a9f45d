import type { ReactNode } from "react";
import { PlainTable } from "../parts/plain-table.tsx";
import { Said } from "../parts/said.tsx";
import { Time } from "../parts/time.tsx";
import { counted, listed } from "../values/numbers.ts";
import { reasonWords } from "../values/reasons.ts";
import { plain } from "../values/visible.ts";
import { type Band, type LaneRow, STORY_WORDS } from "./story-lanes.layout.ts";

/** Everything that the picture says. */
export function StoryTable({ rows, lanes }: { readonly rows: readonly LaneRow[]; readonly lanes: readonly string[] }): ReactNode {
  return (
    <PlainTable heads={["When", "Who", "Mark", "What", "More", "Why"]}>
      {rows.flatMap(({ key, at, band, cells }) => [
        ...(band
          ? [
              <tr key={`${key} silent`}>
                <td>
                  <Time at={at} as="absolute" />
                </td>
                <td>all</td>
                <td>silent</td>
                <td>{counted(band.looks, "look")}</td>
                <td>
                  {band.until !== undefined && (
                    <>
                      until <Time at={band.until} as="absolute" />
                    </>
                  )}
                </td>
                <td>{reasonsOf(band)}</td>
              </tr>,
            ]
          : []),
        ...cells.flatMap((cell, place) =>
          cell.map((mark) => (
            <tr key={mark.key}>
              <td>
                <Time at={mark.at} as="absolute" />
              </td>
              <td>{plain(lanes[place] ?? "", 60)}</td>
              <td>{STORY_WORDS[mark.kind]}</td>
              <td>
                <Said text={mark.text === undefined ? mark.title : `${mark.title}: ${mark.text}`} />
              </td>
              <td>
                {listed(mark.more.map((one) => plain(one, 80)))}
                {mark.until !== undefined && (
                  <>
                    {" until "}
                    <Time at={mark.until} as="absolute" />
                  </>
                )}
              </td>
              <td>{mark.reason && <Said text={mark.reason.detail ?? reasonWords(mark.reason.code)} />}</td>
            </tr>
          )),
        ),
      ])}
    </PlainTable>
  );
}

/** The reasons of a silence, each with how many looks had it. */
export const reasonsOf = ({ looks, reasons }: Band): string =>
  reasons.map(({ code, decisions }) => `${reasonWords(code)}${looks > 1 ? ` (${decisions})` : ""}`).join(" · ");
