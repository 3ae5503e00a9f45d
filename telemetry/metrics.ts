type Labels = Readonly<Record<string, string>>;

/** Counts what a process does, and says so in the text format of Prometheus. Labels name kinds, never customers or ids. */
export interface Metrics {
  add(name: CounterName, labels?: Labels, by?: number): void;
  observe(name: HistogramName, seconds: number): void;
  /** Asked for its value when somebody looks. */
  gauge(name: GaugeName, value: () => number | Promise<number>): void;
  text(): Promise<string>;
}

const COUNTERS = {
  sentient_signals_total: "Signals that came in, by what became of them.",
  sentient_http_requests_total: "Requests that were answered, by route and status.",
  sentient_keys_refused_total: "Requests turned away for a missing or wrong key.",
  sentient_traits_left_out_total: "Traits that were not taken into a golden record because it is full.",
  sentient_webhooks_refused_total: "Webhooks of channels that were turned away, by reason.",
  sentient_wakes_total: "Wakes that were decided.",
  sentient_rows_pruned_total: "Rows that were kept long enough and are gone, by table; deliveries and outcomes go with their decisions.",
  sentient_wakes_failed_total: "Wakes that could not be decided through a fault of their own, by whether they are tried again.",
  sentient_store_refusals_total: "What the database or the queue refused through no fault of what was asked, by code; it is tried again.",
} as const;

const HISTOGRAMS = {
  sentient_http_request_seconds: "How long requests took.",
  sentient_batch_seconds: "How long batches of wakes took, hand-over included.",
} as const;

const GAUGES = {
  sentient_signals_waiting: "Signals that wait to be decided.",
  sentient_deliveries_left: "Reserved deliveries whose channel or experience no living process knows, for more than a minute.",
  sentient_store_trouble_seconds: "How long the database or the queue has been refusing; 0 while it does not.",
  sentient_resident_memory_bytes: "Memory of this process.",
  sentient_event_loop_delay_seconds: "How late this process gets to what is due, on average.",
} as const;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

export function createMetrics(): Metrics {
  const counters = new Map<CounterName, Map<string, number>>();
  const histograms = new Map<HistogramName, Histogram>();
  const gauges = new Map<GaugeName, () => number | Promise<number>>();
  return {
    add(name, labels = {}, by = 1) {
      const series = counters.get(name) ?? new Map<string, number>();
      counters.set(name, series);
      const key = labelsText(labels);
      series.set(key, (series.get(key) ?? 0) + by);
    },
    observe(name, seconds) {
      const histogram = histograms.get(name) ?? { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
      histograms.set(name, histogram);
      histogram.sum += seconds;
      histogram.count++;
      for (const [index, bound] of BOUNDS.entries()) if (seconds <= bound) histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
    },
    gauge: (name, value) => void gauges.set(name, value),
    async text() {
      const lines = [
        ...[...counters].flatMap(([name, series]) => [
          ...heading(name, COUNTERS[name], "counter"),
          ...[...series].map(([labels, value]) => `${name}${labels} ${value}`),
        ]),
        ...[...histograms].flatMap(([name, histogram]) => [
          ...heading(name, HISTOGRAMS[name], "histogram"),
          ...histogramLines(name, histogram),
        ]),
      ];
      for (const [name, value] of gauges) {
        // What cannot be found out while the database is away must not hide the rest.
        const found = await Promise.resolve()
          .then(value)
          .catch(() => undefined);
        if (found !== undefined) lines.push(...heading(name, GAUGES[name], "gauge"), `${name} ${found}`);
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

// --- internal ---

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Seconds. From a cache's answer to a provider's time limit. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const heading = (name: string, help: string, type: string): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];

function histogramLines(name: string, { counts, sum, count }: Histogram): string[] {
  return [
    ...BOUNDS.map((bound, index) => `${name}_bucket{le="${bound}"} ${counts[index] ?? 0}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
  ];
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escapeLabel = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
