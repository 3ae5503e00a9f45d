import { FALSE_STOPS } from "../../domain/canary/guards.ts";
import type { Guard } from "../../domain/entities/canary.ts";
import { type Behaviour, type Lives, simulate } from "./simulate.ts";

/** The guards of a canary that names none. */
const USUAL: readonly Guard[] = [
  { outcome: "complained", max: 0.005 },
  { outcome: "unsubscribed", max: 0.01 },
];

const ALL: readonly Guard[] = [...USUAL, { success: "below", of: "others", by: 0.5 }];

/** Canaries exactly at every bound: the worst that is still harmless. */
const HARMLESS: readonly { readonly name: string; readonly guards: readonly Guard[]; readonly behaviour: Behaviour }[] = [
  { name: "usual guards, outcomes at once", guards: USUAL, behaviour: atBounds(0) },
  { name: "usual guards, outcomes 300 deliveries later", guards: USUAL, behaviour: atBounds(300) },
  { name: "usual guards, outcomes 3,000 deliveries later", guards: USUAL, behaviour: atBounds(3_000) },
  {
    name: "and success half of the others' 10 %, at once",
    guards: ALL,
    behaviour: { ...atBounds(0), success: { mine: 0.05, others: 0.1 } },
  },
  {
    name: "and success half of the others' 2 %, 300 later",
    guards: ALL,
    behaviour: { ...atBounds(300), success: { mine: 0.01, others: 0.02 } },
  },
];

/** Canaries that harm, and by how much. */
const HARMFUL: readonly { readonly name: string; readonly guards: readonly Guard[]; of(times: number): Behaviour }[] = [
  {
    name: "complained, at most 0.5 %",
    guards: USUAL,
    of: (times) => ({ rates: { complained: 0.005 * times, unsubscribed: 0.002 }, delay: 0 }),
  },
  {
    name: "unsubscribed, at most 1 %",
    guards: USUAL,
    of: (times) => ({ rates: { complained: 0.001, unsubscribed: 0.01 * times }, delay: 0 }),
  },
  {
    name: "success at most 50 % below others' 10 %",
    guards: ALL,
    of: (times) => ({ rates: { complained: 0.001, unsubscribed: 0.002 }, success: { mine: 0.05 / times, others: 0.1 }, delay: 0 }),
  },
];

export const TIMES = [2, 5, 10] as const;

export interface Results {
  readonly harmless: readonly { readonly name: string; readonly lives: Lives }[];
  readonly harmful: readonly { readonly name: string; readonly lives: readonly Lives[] }[];
}

/** @param lives how many lives of each kind */
export const judgeGuards = (lives: number, onProgress: (name: string) => void = () => {}): Results => ({
  harmless: HARMLESS.map(({ name, guards, behaviour }) => {
    onProgress(name);
    return { name, lives: simulate(guards, behaviour, { lives, deliveries: 5_000, seed: name }) };
  }),
  harmful: HARMFUL.map(({ name, guards, of }) => {
    onProgress(name);
    return { name, lives: TIMES.map((times) => simulate(guards, of(times), { lives, deliveries: 20_000, seed: `${name} ${times}` })) };
  }),
});

/** Whether no harmless kind was stopped more often than it may be. */
export const holds = ({ harmless }: Results): boolean => harmless.every(({ lives }) => lives.stopped <= FALSE_STOPS);

/** The results as Markdown. */
export function resultLines({ harmless, harmful }: Results, lives: number): string[] {
  return [
    `Harmless canaries, exactly at every bound, ${lives.toLocaleString("en")} lives of 5,000 deliveries each; at most 5 % may be stopped:`,
    "",
    "| canary | stopped |",
    "|---|---|",
    ...harmless.map(({ name, lives: { stopped } }) => `| ${name} | ${(stopped * 100).toFixed(1)} % |`),
    "",
    "Deliveries until a harmful one is stopped, in the median life, and in brackets in nine of ten:",
    "",
    `| guard | ${TIMES.map((times) => `${times} times as bad`).join(" | ")} |`,
    `|---|${TIMES.map(() => "---|").join("")}`,
    ...harmful.map(
      ({ name, lives: each }) => `| ${name} | ${each.map((one) => `${count(one.median)} (${count(one.nineOfTen)})`).join(" | ")} |`,
    ),
  ];
}

// --- internal ---

function atBounds(delay: number): Behaviour {
  return { rates: { complained: 0.005, unsubscribed: 0.01 }, delay };
}

const count = (value: number): string => (Number.isFinite(value) ? Number(value.toPrecision(2)).toLocaleString("en") : "over 20,000");
