type Labels = Readonly<Record<string, string>>;

/** Metrics of a process, in the Prometheus text format. Labels are of low cardinality: kinds, never customers or ids. */
export interface Metrics {
  add(name: CounterName, labels?: Labels, by?: number): void;
  observe(name: HistogramName, seconds: number): void;
  /** Registers a gauge; its value is read on each scrape. */
  gauge(name: GaugeName, value: ReadGauge): void;
  text(): Promise<string>;
}

/** The value of a gauge now, or its values by labels. */
type ReadGauge = () => Measured | Promise<Measured>;
type Measured = number | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

const samples = (measured: Measured): string[] =>
  typeof measured === "number" ? [` ${measured}`] : measured.map(({ labels, value }) => `${labelsText(labels)} ${value}`);

const COUNTERS = {
  sentient_signals_total: "Received signals, by result.",
  sentient_http_requests_total: "HTTP requests, by route and status.",
  sentient_keys_refused_total: "Requests rejected for a missing or wrong key.",
  sentient_traits_left_out_total: "Traits dropped because a golden record is full.",
  sentient_webhooks_refused_total: "Webhooks of channels that were rejected, by reason.",
  sentient_asks_total: "Answered asks, by whether the answer came too late.",
  sentient_ask_places_total: "Places of answered asks, by what they were given: something new, the same again, or nothing.",
  sentient_holds_confirmed_late_total: "Deliveries that a tool sent after their hold was over: they count, also past a cap.",
  sentient_wakes_total: "Decided wakes.",
  sentient_canaries_stopped_total: "Canaries stopped by a broken guard.",
  sentient_rows_pruned_total: "Rows pruned after their retention, by table; deliveries and outcomes are pruned with their decisions.",
  sentient_wakes_failed_total: "Failed attempts of poison wakes, by whether they are retried.",
  sentient_store_refusals_total: "Operations that failed in an outage of the database or the queue, by code; they are retried.",
} as const;

const HISTOGRAMS = {
  sentient_http_request_seconds: "Duration of HTTP requests.",
  sentient_ask_seconds: "Time from an ask to its answer.",
  sentient_batch_seconds: "Duration of batches of wakes, sending included.",
} as const;

const GAUGES = {
  sentient_signals_waiting: "Pending signals.",
  sentient_version_in_force: "The version of the workspace in force, and since when (Unix seconds).",
  sentient_version_decided_by: "The version that this process decides by: 1; 0 where it cannot run the one in force, and decides nothing.",
  sentient_canaries_running: "Canaries of the version that this process decides by which nothing has stopped.",
  sentient_deliveries_left: "Deliveries reserved for more than a minute whose channel or experience no living process knows.",
  sentient_store_trouble_seconds: "Duration of the current outage of the database or the queue; 0 without one.",
  sentient_resident_memory_bytes: "Memory of this process.",
  sentient_event_loop_delay_seconds: "Mean event loop delay of this process.",
} as const;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

export function createMetrics(): Metrics {
  const counters = new Map<CounterName, Map<string, number>>();
  const histograms = new Map<HistogramName, Histogram>();
  const gauges = new Map<GaugeName, ReadGauge>();
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
      for (let index = BOUNDS.length - 1; index >= 0 && seconds <= (BOUNDS[index] ?? 0); index--)
        histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
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
        // A gauge that fails during a database outage must not hide the others.
        const found = await Promise.resolve()
          .then(value)
          .catch(() => undefined);
        if (found !== undefined) lines.push(...heading(name, GAUGES[name], "gauge"), ...samples(found).map((sample) => `${name}${sample}`));
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

/** Bucket bounds in seconds, from a cache hit to a provider's timeout. */
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
  let pairs = "";
  for (const name of Object.keys(labels)) pairs += `${pairs === "" ? "" : ","}${name}="${escapeLabel(labels[name] ?? "")}"`;
  return pairs === "" ? "" : `{${pairs}}`;
}

const escapeLabel = (value: string): string => (TO_ESCAPE.test(value) ? escaped(value) : value);
const TO_ESCAPE = /[\\"\n]/;
const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
