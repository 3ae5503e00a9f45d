import { type KeyboardEvent, type ReactNode, useId } from "react";
import { Figure } from "../parts/figure.tsx";
import { Mark, MarkShape, markColour } from "../parts/mark.tsx";
import { PlainTable } from "../parts/plain-table.tsx";
import { MARKS } from "../values/marks.ts";
import { COLUMNS, layoutWaterfall, type Row, type Shown, type Waterfall } from "./decision-waterfall.layout.ts";
import styles from "./decision-waterfall.module.css";

export interface DecisionWaterfallProps {
  readonly decision: Shown;
  /** The key of the row that is looked at, and where to say that another one is. */
  readonly selected?: string | undefined;
  readonly onSelect: (key: string) => void;
}

const WIDTH = 1_040;

/** Why this, and why not the others: a line a candidate, through the stages, to where it ended. On a phone it is a list. */
export function DecisionWaterfall({ decision, selected, onSelect }: DecisionWaterfallProps): ReactNode {
  const layout = layoutWaterfall(decision, WIDTH);
  return (
    <Figure sentence={layout.sentence} table={<Table rows={layout.rows} />}>
      {layout.rows.length > 0 && <Picture layout={layout} selected={selected} onSelect={onSelect} />}
      <ol className={styles["list"]}>
        {layout.rows.map((row) => (
          <li key={row.key}>
            <div>
              <strong>{row.name}</strong>
              <Mark kind={row.mark.kind} />
            </div>
            <small>{row.beneath}</small>
            <span>
              {COLUMNS[row.column]?.word}: {row.reason}
            </span>
            {row.score && <small>{scoreWords(row)}</small>}
          </li>
        ))}
      </ol>
    </Figure>
  );
}

// --- internal ---

const scoreWords = ({ score }: Row): string => (score === undefined ? "" : `${priorityOf(score)} = ${score.factors}`);

interface PictureProps {
  readonly layout: Waterfall;
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
}

/** One stop for the Tab key; the arrow keys go through the rows. */
function Picture({ layout, selected, onSelect }: PictureProps): ReactNode {
  const id = useId();
  const { rows, width, height, heads } = layout;
  const place = rows.findIndex(({ key }) => key === selected);
  const move = (event: KeyboardEvent): void => {
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = to === undefined ? undefined : rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (row === undefined) return;
    event.preventDefault();
    onSelect(row.key);
  };
  return (
    <div
      className={styles["frame"]}
      role="listbox"
      aria-label="Candidates"
      tabIndex={0}
      aria-activedescendant={place < 0 ? undefined : `${id}-${place}`}
      onKeyDown={move}
    >
      <svg className={styles["picture"]} viewBox={`0 0 ${width} ${height}`} role="presentation">
        {heads.map(({ word, asks, x }) => (
          <g key={word}>
            <title>{asks}</title>
            <text className={styles["head"]} x={x} y={16}>
              {word}
            </text>
            <line className={styles["grid"]} x1={x} x2={x} y1={26} y2={height} strokeDasharray="1 5" />
          </g>
        ))}
        {rows.map((row, index) => (
          <Line key={row.key} row={row} width={width} id={`${id}-${index}`} isSelected={index === place} onSelect={onSelect} />
        ))}
      </svg>
    </div>
  );
}

interface LineProps {
  readonly row: Row;
  readonly width: number;
  readonly id: string;
  readonly isSelected: boolean;
  readonly onSelect: (key: string) => void;
}

function Line({ row, width, id, isSelected, onSelect }: LineProps): ReactNode {
  const { y, dots, mark, words, score } = row;
  return (
    <g
      id={id}
      role="option"
      aria-selected={isSelected}
      aria-label={spoken(row)}
      className={styles["row"]}
      onClick={() => onSelect(row.key)}
    >
      <rect className={styles["ground"]} x={0} y={y - 18} width={width} height={46} rx={6} />
      <text className={styles["name"]} x={8} y={y + 4}>
        {row.name}
      </text>{" "}
      <text className={styles["beneath"]} x={8} y={y + 20}>
        {row.beneath}
      </text>{" "}
      {dots.length > 0 && <line className={styles["path"]} x1={dots[0]} x2={mark.x - 8} y1={y} y2={y} />}
      {dots.map((x) => (
        <circle key={x} className={styles["dot"]} cx={x} cy={y} r={3} />
      ))}
      <g transform={`translate(${mark.x} ${y})`} className={markColour(mark.kind)}>
        <MarkShape kind={mark.kind} />
      </g>
      <text className={styles["words"]} x={words.x} y={y + 20} textAnchor={words.anchor}>
        {words.text}
      </text>{" "}
      {score && (
        <>
          <text className={`${styles["priority"]} ${score.isWould ? styles["would"] : ""}`} x={width - 8} y={y + 4}>
            {priorityOf(score)}
          </text>{" "}
          <text className={styles["factors"]} x={width - 8} y={y + 20}>
            {score.factors}
          </text>
        </>
      )}
    </g>
  );
}

/** The texts of a line in the order in which they are seen, as a voice command names it, then what its shape and place say. */
const spoken = ({ name, beneath, words, score, mark, column, reason }: Row): string =>
  [
    [name, beneath, words.text, ...(score ? [priorityOf(score), score.factors] : [])].filter(Boolean).join(" "),
    `${MARKS[mark.kind]} at ${COLUMNS[column]?.word}`,
    ...(reason === words.text ? [] : [reason]),
  ].join(". ");

const priorityOf = ({ isWould, priority }: NonNullable<Row["score"]>): string => `${isWould ? "would be " : ""}${priority}`;

function Table({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  return (
    <PlainTable heads={["Experience", "Moment and channel", "Ended", "At", "Why", "Code", "Priority = P × C × V × L"]}>
      {rows.map((row) => (
        <tr key={row.key}>
          <th scope="row">{row.name}</th>
          <td>{row.beneath}</td>
          <td>{MARKS[row.mark.kind]}</td>
          <td>{COLUMNS[row.column]?.word}</td>
          <td>{row.reason}</td>
          <td>{row.code}</td>
          <td>{scoreWords(row)}</td>
        </tr>
      ))}
    </PlainTable>
  );
}
