import type { ReactNode } from "react";
import type { RehearsalView } from "../../../operations/rehearsals/views.ts";
import { NONE, type Pictured, type PicturedRow, picturesOf } from "../../../rehearsal/pictures/pictures.ts";
import { ESTIMATOR_NAMES } from "../../../rehearsal/results/evaluated.ts";
import { type ByName, type Figure, groupCell, ownValue } from "../../../rehearsal/results/figures.ts";
import {
  amount,
  counted,
  differencesInWords,
  NAMED_FIGURES,
  notForetoldInWords,
  percent,
  playedInWords,
  SINGLE_FIGURES,
  signed,
} from "../../../rehearsal/results/words.ts";
import { Figure as Picture } from "../../parts/figure.tsx";
import { Columns, Panel } from "../../parts/page.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Said } from "../../parts/said.tsx";
import { useRowLinks } from "../../parts/table/row-link.tsx";
import { Drawn, Key } from "../../pictures/drawn.tsx";
import { plain } from "../../values/visible.ts";
import { type FigureRow, Figures, type ToCell } from "./figures.tsx";
import { LeftOut } from "./left-out.tsx";
import { RecordedPart } from "./recorded.tsx";
import styles from "./rehearsal.module.css";
import { Simulated } from "./simulated.tsx";
import { versionWords, withWords } from "./words.ts";

type KeptResult = NonNullable<RehearsalView["result"]>;

export interface ResultProps {
  readonly rehearsalId: string;
  readonly request: RehearsalView["request"];
  readonly result: KeptResult;
  /** What was asked. */
  readonly asked: ReactNode;
}

/** What a rehearsal found: in sentences, then as numbers and pictures. What is simulated says so; what is recorded stays apart. */
export function Result({ rehearsalId, request, result, asked }: ResultProps): ReactNode {
  const { policies, forward, value, backtest } = result;
  const toCell: ToCell = (part, cell, side) =>
    `/rehearsals/${encodeURIComponent(rehearsalId)}/decisions?${new URLSearchParams({ part, cell, ...(side === undefined ? {} : { side }) })}`;
  return (
    <div className={styles["parts"]} {...useRowLinks()}>
      <Columns
        beside={
          <>
            <OnlyIn differ={policies.differ} />
            <NotModelled notModelled={forward.notModelled} />
            {asked}
          </>
        }
      >
        <Panel title="What it would do" aside={<Simulated />}>
          <LeftOut rehearsalId={rehearsalId} forward={forward} toCell={toCell} />
          <p className={styles["soft"]}>
            {plain(playedInWords(result), 500)}. Beside each mean stand the bounds of 90 of 100 paths. None of it has happened, and nothing
            was sent.
          </p>
          <Figures each="Figure" rows={singleRows(forward)} toCell={toCell} />
        </Panel>
      </Columns>
      <RecordedPart recorded={result.recorded} toCell={toCell} />
      <Panel title="In pictures" aside={<Simulated />}>
        <Key sides={{ against: versionWords(request.against), with: withWords(request) }} />
        {picturesOf(forward).map((picture) => (
          <Pictures key={picture.heading} picture={picture} toCell={toCell} />
        ))}
      </Panel>
      <Panel title="Every figure" aside={<Simulated />}>
        {NAMED_FIGURES.map(([kind, words]) => (
          <Named key={kind} words={words} rows={namedRows(kind, forward)} toCell={toCell} />
        ))}
      </Panel>
      {forward.groups !== undefined && forward.groups.length > 0 && (
        <Panel title={`By ${plain(request.by ?? "group", 100)}`} aside={<Simulated />}>
          {placed(forward.groups).map(({ name, customers, place, ...compared }) => (
            <details key={place} open>
              <summary>
                <Said text={name} most={200} />: {counted(customers, "customer")}
              </summary>
              <Figures each="Figure" rows={singleRows(compared, (figure) => groupCell(place, figure))} toCell={toCell} />
            </details>
          ))}
        </Panel>
      )}
      <Panel title="Value from the log">
        <Value value={value} />
      </Panel>
      {backtest !== undefined && (
        <Panel title="Backtest" aside={<Simulated />}>
          <Backtest backtest={backtest} />
        </Panel>
      )}
    </div>
  );
}

// --- internal ---

/** What only one of both policies has: it may explain the figures. */
function OnlyIn({ differ }: Pick<KeptResult["policies"], "differ">): ReactNode {
  const lines = differencesInWords(differ);
  if (lines.length === 0) return null;
  return (
    <Panel title="What only one policy has">
      <ul className={styles["list"]}>
        {lines.map((line) => (
          <li key={line}>
            <Said text={line} most={2_000} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What the futures know nothing of: it is read before a figure is trusted. */
const NotModelled = ({ notModelled }: { readonly notModelled: readonly string[] }): ReactNode => (
  <Panel title="Not modelled">
    <p>The simulated figures know nothing of this:</p>
    <ul className={styles["list"]}>
      {notModelled.map((one) => (
        <li key={one}>
          <Said text={one} most={500} />
        </li>
      ))}
    </ul>
  </Panel>
);

type Forward = KeptResult["forward"];

/** Groups by their place: their names are all alike where content is masked. */
const placed = (groups: NonNullable<Forward["groups"]>) => groups.map((group, place) => ({ ...group, place }));

type Compared = Pick<Forward, "against" | "with" | "difference">;

/** What a single figure is made of, where that is another one's decisions. */
const CELL_OF = {
  deliveries: "deliveries",
  contactsPerCustomerWeek: "deliveries",
  successes: "successes",
  value: "successes",
  nothing: "nothing",
} as const;

const singleRows = (
  { against, with: other, difference }: Compared,
  cellOfFigure: (figure: (typeof CELL_OF)[keyof typeof CELL_OF]) => string = String,
): FigureRow[] =>
  SINGLE_FIGURES.map(([name, words]) => ({
    ...{ name: words, cell: cellOfFigure(CELL_OF[name]) },
    ...{ against: against[name], with: other[name], difference: difference[name] },
  }));

function namedRows(kind: (typeof NAMED_FIGURES)[number][0], { against, with: other, difference }: Compared): FigureRow[] {
  const of = (side: ByName<Figure>, name: string): Figure => ownValue(side, name) ?? NONE;
  return Object.keys(difference[kind]).map((name) => ({
    ...{ name, cell: `${kind}:${name}` },
    ...{ against: of(against[kind], name), with: of(other[kind], name), difference: of(difference[kind], name) },
  }));
}

interface NamedProps {
  readonly words: string;
  readonly rows: readonly FigureRow[];
  readonly toCell: ToCell;
}

function Named({ words, rows, toCell }: NamedProps): ReactNode {
  if (rows.length === 0) return null;
  const heading = words.slice(0, 1).toUpperCase() + words.slice(1);
  return (
    <details>
      <summary>
        {heading} ({rows.length})
      </summary>
      <Figures each={words} rows={rows} toCell={toCell} />
    </details>
  );
}

/** A picture with its numbers, which open what is behind them where it is kept. */
const Pictures = ({
  picture: { heading, draw, each, rows, write },
  toCell,
}: {
  readonly picture: Pictured;
  readonly toCell: ToCell;
}): ReactNode => (
  <Picture
    sentence={`${plain(heading, 200)}, simulated`}
    table={<Figures each={each} rows={rows.map((row) => ({ ...row, cell: cellOf(each, row) }))} toCell={toCell} write={write} />}
  >
    <Drawn draw={draw} />
  </Picture>
);

/** The cell behind a row of a picture's numbers. */
function cellOf(each: string, { name }: PicturedRow): string | undefined {
  if (each === "experience") return `byExperience:${name}`;
  if (each === "rule") return `nothing:${name}`;
  const [, kind, code] = /^(silent|deferred): (.*)$/s.exec(name) ?? [];
  return each === "reason" && kind !== undefined ? `${kind === "silent" ? "silences" : "deferred"}:${code}` : undefined;
}

function Value({ value }: Pick<KeptResult, "value">): ReactNode {
  if ("refused" in value)
    return (
      <>
        <p>The log cannot answer:</p>
        <ul className={styles["list"]}>
          {value.refused.map((why) => (
            <li key={why}>
              <Said text={why} most={500} />
            </li>
          ))}
        </ul>
      </>
    );
  const { decisions, units, confidence, logged, estimates, warnings } = value;
  const cells = ({ value: mean, low, high }: (typeof estimates)["ips"], write = amount): string =>
    `${write(mean)} (${write(low)} to ${write(high)})`;
  return (
    <>
      <p>
        Reward a decision, from {amount(decisions)} logged decisions of {amount(units)} customers, {percent(confidence)} intervals.
      </p>
      <PlainTable heads={["Estimate", "Reward", "Gain"]}>
        <tr>
          <th scope="row">the log itself</th>
          <td>{cells({ ...logged, gain: logged })}</td>
          <td />
        </tr>
        {ESTIMATOR_NAMES.map(([name, words]) => (
          <tr key={name}>
            <th scope="row">{words}</th>
            <td>{cells(estimates[name])}</td>
            <td>{cells({ ...estimates[name].gain, gain: logged }, signed)}</td>
          </tr>
        ))}
      </PlainTable>
      {warnings.map((warning) => (
        <p key={warning}>
          <Said text={warning} most={500} />
        </p>
      ))}
    </>
  );
}

const Backtest = ({
  backtest: { intervals, held, share, notForetold },
}: {
  readonly backtest: NonNullable<KeptResult["backtest"]>;
}): ReactNode => (
  <>
    <p>
      {amount(held)} of {counted(intervals.length, "interval")} hold ({percent(share)}; 90 % are expected).
    </p>
    <PlainTable heads={["What", "Came", "Foretold, simulated", "Interval"]}>
      {intervals.map(({ name, actual, interval, held: holds }) => (
        <tr key={name}>
          <th scope="row">
            <Said text={name} most={200} />
          </th>
          <td className={styles["number"]}>{amount(actual)}</td>
          <td className={styles["number"]}>
            {amount(interval.mean)} ({amount(interval.low)} to {amount(interval.high)})
          </td>
          <td>{holds ? "holds" : "fails"}</td>
        </tr>
      ))}
    </PlainTable>
    {notForetoldInWords(notForetold).map((sentence) => (
      <p key={sentence}>
        <Said text={sentence} most={2_000} />
      </p>
    ))}
  </>
);
