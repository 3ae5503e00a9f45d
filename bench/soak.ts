// Soak test: do table sizes and memory level out? npm run soak [-- --minutes N] [--on embedded|PostgreSQL|"PostgreSQL and Redis"]
import { parseArgs } from "node:util";
import { engines } from "../testing/service.ts";
import { machineFacts } from "./machine.ts";
import { type Sample, soak } from "./soak-run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "12" },
    on: { type: "string", default: "embedded" },
    rate: { type: "string", default: "25" },
  },
});
const engine = engines.find(({ name }) => name === values.on);
if (!engine) throw new Error(`no engine ${values.on} here; there are ${engines.map(({ name }) => name).join(", ")}`);

const SHOWN = [
  "signals",
  "known_signals",
  "decisions",
  "deliveries",
  "outcomes",
  "moments",
  "runs",
  "tool_calls",
  "offers",
  "touches",
  "timers",
  "tasks",
  "inbox",
  "job",
];

function line({ at, megabytes, taken, rows }: Sample): string {
  const cells = [at.toFixed(0), megabytes.toFixed(0), String(taken), ...SHOWN.map((table) => String(rows[table] ?? "-"))];
  return `| ${cells.join(" | ")} |`;
}

process.stdout.write(
  `${machineFacts()}\n${values.on}, ${values.rate} signals a second\n\n| s | MB | taken | ${SHOWN.join(" | ")} |\n|${"---|".repeat(SHOWN.length + 3)}\n`,
);
const place = await engine.place();
try {
  const verdict = await soak({
    place,
    seconds: Number(values.minutes) * 60,
    // Tables reach their full size after three times this, well within the warm-up.
    keepSeconds: Math.max(3, Math.round((Number(values.minutes) * 60) / 12)),
    signalsPerSecond: Number(values.rate),
    samples: 40,
    onSample: (sample) => void process.stdout.write(`${line(sample)}\n`),
  });
  const share = (value: number): string => `${value < 0 ? "" : "+"}${(value * 100).toFixed(1)} %`;
  const found = verdict.growing.length === 0 ? `most grown table ${share(verdict.rows)}` : `growing: ${verdict.growing.join(", ")}`;
  process.stdout.write(
    `\n${verdict.taken} signals; soak ${verdict.isStable ? "level" : "NOT level"}: memory ${share(verdict.memory)}, ${found}\n`,
  );
  process.exitCode = verdict.isStable ? 0 : 1;
} finally {
  await place.remove();
}
