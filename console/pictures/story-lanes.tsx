import { type CSSProperties, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Figure } from "../parts/figure.tsx";
import { MarkShape } from "../parts/mark.tsx";
import { Said } from "../parts/said.tsx";
import { Time, useZone } from "../parts/time.tsx";
import { useNow } from "../reader/now.ts";
import { count } from "../values/numbers.ts";
import { reasonWords } from "../values/reasons.ts";
import { plain } from "../values/visible.ts";
import { clock, shortDay } from "../values/zone-time.ts";
import {
  type Band,
  firstInSight,
  folded,
  type Lane,
  type LaneMark,
  type LaneRow,
  layoutStory,
  STORY_WORDS,
  type StoryMarkKind,
  stopsIn,
  type Told,
  widthsOf,
} from "./story-lanes.layout.ts";
import styles from "./story-lanes.module.css";
import { reasonsOf, StoryTable } from "./story-table.tsx";

export interface StoryPictureProps extends Told {
  readonly sentence: string;
  /** The decision that is open beside the picture. */
  readonly selected?: string | undefined;
  readonly onSelect: (decision: string) => void;
  /** Whether all rows are in sight; otherwise the latest, and on paper all. */
  readonly isWhole: boolean;
  readonly onWhole: () => void;
}

/**
 * Picture A, from its earliest row in sight to the latest. One stop for the tab key; arrow keys go through the marks, Enter opens the
 * decision of one. On a phone it is a list by day.
 */
export function StoryPicture({ sentence, selected, onSelect, isWhole, onWhole, ...told }: StoryPictureProps): ReactNode {
  const layout = layoutStory(told);
  const first = firstInSight(layout, { isWhole, selected });
  const rows = folded(layout.rows);
  const element = useRef<HTMLDivElement>(null);
  const stops = useStops(rows.slice(first), element);
  const shares = widthsOf(rows.slice(first), layout.lanes.length);
  const columns = { "--lanes": shares.map((share) => `minmax(0, ${share}fr)`).join(" "), "--count": shares.length } as CSSProperties;
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
        {rows.map((row, index) => (
          <Row
            key={row.key}
            {...{ row, lanes: layout.lanes, stops, selected, onSelect }}
            before={index === first ? undefined : rows[index - 1]}
            isEarlier={index < first}
            isLatest={index === rows.length - 1}
          />
        ))}
      </div>
    </Figure>
  );
}

// --- internal ---

interface Stops {
  /** The mark or band that the tab key comes to. */
  readonly current: string | undefined;
  readonly go: (key: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** One stop for the tab key; arrow keys go on from it, through what is in sight. */
function useStops(rows: readonly LaneRow[], element: { readonly current: HTMLElement | null }): Stops {
  const [stop, go] = useState<string>();
  const stops = stopsIn(rows);
  const current = stop !== undefined && stops.includes(stop) ? stop : stops[0];
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined || current === undefined) return;
    event.preventDefault();
    const next = Math.min(Math.max(stops.indexOf(current) + step, 0), stops.length - 1);
    go(stops[next]);
    element.current?.querySelectorAll<HTMLElement>("[data-row]:not([data-earlier]) [data-mark]")[next]?.focus();
  };
  return { current, go, onKeyDown };
}

interface RowProps {
  readonly row: LaneRow;
  readonly lanes: readonly Lane[];
  readonly stops: Stops;
  /** The row above it; undefined above the first in sight. */
  readonly before: LaneRow | undefined;
  readonly isEarlier: boolean;
  readonly isLatest: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (decision: string) => void;
}

function Row({ row, lanes, stops, before, isEarlier, isLatest, selected, onSelect }: RowProps): ReactNode {
  const zone = useZone();
  const now = useNow();
  const dayOf = (at: string): string => shortDay(Date.parse(at), zone, now);
  const isNewDay = before === undefined || dayOf(before.at) !== dayOf(row.at);
  const pointOf = (key: string) => ({ isStop: key === stops.current, onFocus: () => stops.go(key), onKeyDown: stops.onKeyDown });
  return (
    <div
      className={[styles["row"], isNewDay && styles["newDay"]].filter(Boolean).join(" ")}
      id={isLatest ? "latest" : undefined}
      data-row=""
      data-earlier={isEarlier || undefined}
      data-band={row.band ? true : undefined}
    >
      <span className={styles["when"]}>
        {isNewDay && <strong>{dayOf(row.at)}</strong>}
        <time dateTime={row.at}>{clock(Date.parse(row.at), zone)}</time>
      </span>
      {row.band && <BandLine band={row.band} selected={selected} {...pointOf(row.key)} onSelect={onSelect} />}
      {row.cells.map((cell, place) => (
        <div
          key={lanes[place]?.id}
          className={styles["cell"]}
          style={{ "--lane": place + 2 } as CSSProperties}
          data-empty={cell.length === 0 || undefined}
        >
          {cell.map((mark) => (
            <MarkButton
              key={mark.key}
              mark={mark}
              lane={lanes[place]?.title ?? ""}
              isSelected={selected !== undefined && mark.decision === selected}
              {...pointOf(mark.key)}
              onSelect={onSelect}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

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
  const { kind, title, text, reason, decision, stands } = mark;
  return (
    <button
      type="button"
      data-mark={kind}
      data-stands={stands}
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
          {lane}
          {stands === undefined && `, ${STORY_WORDS[kind]}`}:{" "}
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
  // `recorded, not sent` needs no `sent` before it.
  const hasWord = isWordy(kind) && !more.some((one) => one.includes(STORY_WORDS[kind]));
  const words = [...(hasWord ? [STORY_WORDS[kind]] : []), ...more.map((one) => plain(one, 80))];
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
  readonly isStop: boolean;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onSelect: (decision: string) => void;
}

function BandLine({ band, selected, isStop, onFocus, onKeyDown, onSelect }: BandLineProps): ReactNode {
  const { decision } = band;
  return (
    <button
      type="button"
      data-mark="silent"
      className={styles["band"]}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={decision !== undefined && decision === selected}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
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
