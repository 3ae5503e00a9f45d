import { type CSSProperties, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Figure } from "../parts/figure.tsx";
import { MarkShape } from "../parts/mark.tsx";
import { PlainTable } from "../parts/plain-table.tsx";
import { Said } from "../parts/said.tsx";
import { Time, useZone } from "../parts/time.tsx";
import { useNow } from "../reader/now.ts";
import { count, counted, listed } from "../values/numbers.ts";
import { reasonWords } from "../values/reasons.ts";
import { plain } from "../values/visible.ts";
import { clock, shortDay } from "../values/zone-time.ts";
import {
  type Band,
  firstInSight,
  type Lane,
  type LaneMark,
  type LaneRow,
  layoutStory,
  marksIn,
  STORY_WORDS,
  type StoryMarkKind,
  type Told,
} from "./story-lanes.layout.ts";
import styles from "./story-lanes.module.css";

export interface StoryPictureProps extends Told {
  readonly sentence: string;
  /** The decision that is open beside the picture. */
  readonly selected?: string | undefined;
  readonly onSelect: (decision: string) => void;
  /** Whether all rows are in sight; otherwise the latest, and on paper all. */
  readonly isWhole: boolean;
  readonly onWhole: () => void;
}

/** Picture A, from its earliest row in sight to the latest. One stop for the tab key; arrow keys go through the marks, Enter opens the decision of one. On a phone it is a list by day. */
export function StoryPicture({ sentence, selected, onSelect, isWhole, onWhole, ...told }: StoryPictureProps): ReactNode {
  const layout = layoutStory(told);
  const first = firstInSight(layout, { isWhole, selected });
  const marks = marksIn({ ...layout, rows: layout.rows.slice(first) });
  const [stop, setStop] = useState<string>();
  const element = useRef<HTMLDivElement>(null);
  const zone = useZone();
  const now = useNow();
  const current = marks.find(({ key }) => key === stop) ?? marks[0];
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined || !current) return;
    event.preventDefault();
    const next = marks[Math.min(Math.max(marks.indexOf(current) + step, 0), marks.length - 1)];
    if (!next) return;
    setStop(next.key);
    element.current?.querySelectorAll<HTMLElement>("[data-row]:not([data-earlier]) [data-mark]")[marks.indexOf(next)]?.focus();
  };
  const columns = { "--lanes": layout.lanes.length } as CSSProperties;
  return (
    <Figure sentence={sentence} table={<StoryTable rows={layout.rows} lanes={layout.lanes.map(({ title }) => title)} />}>
      {first > 0 && (
        <Button look="bare" onClick={onWhole}>
          Show {count(first)} earlier
        </Button>
      )}
      <div
        ref={element}
        role="toolbar"
        aria-orientation="vertical"
        aria-label="Marks of the story"
        className={styles["story"]}
        style={columns}
      >
        <LaneTitles lanes={layout.lanes} />
        {layout.rows.map((row, index) => {
          const day = shortDay(Date.parse(row.at), zone, now);
          const before = layout.rows[index - 1];
          const isNewDay = !before || index === first || shortDay(Date.parse(before.at), zone, now) !== day;
          return (
            <div
              key={row.key}
              className={[styles["row"], isNewDay && styles["newDay"]].filter(Boolean).join(" ")}
              id={index === layout.rows.length - 1 ? "latest" : undefined}
              data-row=""
              data-earlier={index < first || undefined}
              data-band={row.band ? true : undefined}
            >
              <span className={styles["when"]}>
                {isNewDay && <strong>{day}</strong>}
                <time dateTime={row.at}>{clock(Date.parse(row.at), zone)}</time>
              </span>
              {row.band && <BandLine band={row.band} selected={selected} onSelect={onSelect} />}
              {row.cells.map((cell, place) => (
                <div
                  key={layout.lanes[place]?.id}
                  className={styles["cell"]}
                  style={{ "--lane": place + 2 } as CSSProperties}
                  data-empty={cell.length === 0 || undefined}
                >
                  {cell.map((mark) => (
                    <MarkButton
                      key={mark.key}
                      mark={mark}
                      lane={layout.lanes[place]?.title ?? ""}
                      isStop={mark.key === current?.key}
                      isSelected={selected !== undefined && mark.decision === selected}
                      onFocus={() => setStop(mark.key)}
                      onKeyDown={onKey}
                      onSelect={onSelect}
                    />
                  ))}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </Figure>
  );
}

// --- internal ---

const LaneTitles = ({ lanes }: { readonly lanes: readonly Lane[] }): ReactNode => (
  <div className={styles["head"]} aria-hidden="true">
    <span />
    {lanes.map(({ id, title }) => (
      <span key={id}>{plain(title, 40)}</span>
    ))}
  </div>
);

const SIGNS: Readonly<Partial<Record<StoryMarkKind, string>>> = { outcome: "↳", alone: "┄", said: "›", met: "●", note: "·" };

/** The sign of a mark: a shape of the console's six, or a character. */
function Sign({ kind }: { readonly kind: StoryMarkKind }): ReactNode {
  const character = SIGNS[kind];
  if (character !== undefined) return <span className={styles["sign"]}>{character}</span>;
  return (
    <svg className={styles["sign"]} width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
      <MarkShape kind={kind as Exclude<StoryMarkKind, "outcome" | "alone" | "said" | "met" | "note">} />
    </svg>
  );
}

interface MarkButtonProps {
  readonly mark: LaneMark;
  readonly lane: string;
  readonly isStop: boolean;
  readonly isSelected: boolean;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onSelect: (decision: string) => void;
}

function MarkButton({ mark, lane, isStop, isSelected, onFocus, onKeyDown, onSelect }: MarkButtonProps): ReactNode {
  const { kind, title, text, reason, decision } = mark;
  return (
    <button
      type="button"
      data-mark={kind}
      className={[styles["mark"], styles[kind]].filter(Boolean).join(" ")}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={decision === undefined ? undefined : isSelected}
      aria-disabled={decision === undefined || undefined}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      onClick={() => decision !== undefined && onSelect(decision)}
    >
      <span className={styles["first"]}>
        <Sign kind={kind} />
        <span className="only-heard">
          {lane}, {STORY_WORDS[kind]}:{" "}
        </span>
        <span className={styles["title"]}>
          <Said text={title} most={160} isNarrow />
        </span>
      </span>
      <span className={styles["laneName"]}>{lane}</span>
      {text !== undefined && (
        <span className={styles["text"]}>
          <Said text={text} most={280} isNarrow />
        </span>
      )}
      <MarkMore mark={mark} />
      {reason !== undefined && (
        <span className={styles["more"]}>
          <Said text={reason.detail ?? reasonWords(reason.code)} most={160} isNarrow />
        </span>
      )}
    </button>
  );
}

/** Through what, by whom, until when. */
function MarkMore({ mark: { kind, more, until } }: { readonly mark: LaneMark }): ReactNode {
  if (more.length === 0 && until === undefined) return null;
  const words = [...(isWordy(kind) ? [STORY_WORDS[kind]] : []), ...more.map((one) => plain(one, 80))];
  return (
    <span className={styles["more"]}>
      <Said text={words.join(" · ")} isNarrow />
      {until !== undefined && (
        <>
          {words.length > 0 ? " · " : ""}
          {UNTIL[kind] ?? "until"} <Time at={until} as="absolute" />
        </>
      )}
    </span>
  );
}

/** Kinds that have their word too, because the sign alone does not say it. */
const isWordy = (kind: StoryMarkKind): boolean => !["said", "note", "met", "outcome"].includes(kind);

/** The word before a time, other than `until`. */
const UNTIL: Readonly<Partial<Record<StoryMarkKind, string>>> = { alone: "sent", task: "due", note: "due" };

interface BandLineProps {
  readonly band: Band;
  readonly selected: string | undefined;
  readonly onSelect: (decision: string) => void;
}

function BandLine({ band, selected, onSelect }: BandLineProps): ReactNode {
  const { decision } = band;
  return (
    <button
      type="button"
      className={styles["band"]}
      aria-pressed={decision !== undefined && decision === selected}
      onClick={() => decision !== undefined && onSelect(decision)}
    >
      <Sign kind="silent" />
      <span>
        silent{band.looks > 1 && `, ${band.looks} looks`}
        {band.until !== undefined && (
          <>
            {" until "}
            <Time at={band.until} as="absolute" />
          </>
        )}
        {band.reasons.length > 0 && `: ${reasonsOf(band)}`}
      </span>
    </button>
  );
}

const reasonsOf = ({ looks, reasons }: Band): string =>
  reasons.map(({ code, decisions }) => `${reasonWords(code)}${looks > 1 ? ` (${decisions})` : ""}`).join(" · ");

/** Everything that the picture says. */
function StoryTable({ rows, lanes }: { readonly rows: readonly LaneRow[]; readonly lanes: readonly string[] }): ReactNode {
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
