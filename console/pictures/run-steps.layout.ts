/** A step of a run as its record keeps it. */
export interface RecordedStep {
  readonly agent: string;
  readonly ms: number;
  readonly [detail: string]: unknown;
}

/** A step, for the table. */
export interface StepRow {
  readonly name: string;
  readonly kind: "agent" | "question";
  /** Milliseconds after the first step began; steps run one after the other. */
  readonly begins: number;
  readonly ms: number;
  /** Of a question to a language model: what it cost and how it ended. */
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly usd?: number;
  readonly requests?: number;
  readonly failure?: string;
  readonly detail?: string;
  readonly fromMemory?: true;
}

/** A bar of the picture, in units of its width. */
export interface Bar {
  readonly row: number;
  readonly x: number;
  readonly width: number;
  readonly look: "agent" | "question" | "failed";
}

/** A mark on the axis of time. */
export interface Tick {
  readonly x: number;
  readonly words: string;
}

export interface RunSteps {
  readonly rows: readonly StepRow[];
  readonly bars: readonly Bar[];
  readonly ticks: readonly Tick[];
  readonly total: number;
}

/** A bar that would be narrower is drawn this wide, so that it is seen. */
const NARROWEST = 2;

/** The steps of a run on an axis of time. A question to a language model lies within the step of its agent, which follows it. */
export function layoutSteps(steps: readonly RecordedStep[], width: number): RunSteps {
  const { rows, total } = timed(steps);
  const scale = total === 0 ? 0 : width / total;
  return {
    rows,
    bars: rows.map(({ begins, ms, kind, failure }, row) => {
      const bar = Math.min(width, Math.max(NARROWEST, ms * scale));
      return { row, x: Math.min(begins * scale, width - bar), width: bar, look: failure === undefined ? kind : "failed" };
    }),
    ticks: ticksOf(total).map((ms) => ({ x: ms * scale, words: msWords(ms) })),
    total,
  };
}

/** `3.2 ms`, `1.4 s`. */
export function msWords(ms: number): string {
  if (ms >= 1_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  return `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms`;
}

// --- internal ---

/** Rows with their beginnings. The time of an agent includes its questions, which stand before it. */
function timed(steps: readonly RecordedStep[]): { readonly rows: readonly StepRow[]; readonly total: number } {
  const rows: StepRow[] = [];
  let [clock, asked] = [0, 0];
  for (const step of steps) {
    const row = rowOf(step, clock);
    if (row.kind === "question") {
      rows.push(row);
      clock += row.ms;
      asked += row.ms;
      continue;
    }
    rows.push({ ...row, begins: clock - Math.min(asked, row.ms) });
    clock += Math.max(0, row.ms - asked);
    asked = 0;
  }
  return { rows, total: clock };
}

function rowOf({ agent, ms, asked, ...more }: RecordedStep, begins: number): StepRow {
  const duration = typeof ms === "number" && Number.isFinite(ms) ? Math.max(0, ms) : 0;
  if (typeof asked !== "string") return { name: String(agent), kind: "agent", begins, ms: duration };
  const text = (name: string) => (typeof more[name] === "string" ? { [name]: more[name] } : {});
  const number = (name: string, as = name) => (typeof more[name] === "number" ? { [as]: more[name] } : {});
  return {
    ...{ name: asked, kind: "question", begins, ms: duration },
    ...text("model"),
    ...text("failure"),
    ...text("detail"),
    ...number("inputTokens"),
    ...number("outputTokens"),
    ...number("usd"),
    ...number("attempts", "requests"),
    ...(more["fromMemory"] === true ? { fromMemory: true } : {}),
  };
}

/** Three to six round marks from the beginning on. */
function ticksOf(total: number): readonly number[] {
  if (total <= 0) return [0];
  const rough = total / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
}
