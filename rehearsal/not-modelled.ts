import { DAY, durationInWords } from "../domain/values/time.ts";
import { WEEK } from "./arrivals.ts";
import { FEWEST_WEEKS } from "./common-level.ts";
import { DAYS_FOR_RHYTHM, WEEKS_FOR_RHYTHM } from "./rhythm.ts";
import { FEWEST_SEEN, type Twins } from "./twins.ts";

/** What no future of these twins has, or has otherwise than the world: a sentence each, for whoever reads figures of a rehearsal. */
export function notModelled(twins: Twins): readonly string[] {
  return [...ofSample(twins), ...ofTypes(twins), ...ofLength(twins), ...ofAnswers(twins), ...ALWAYS];
}

// --- internal ---

/** Holds for all twins. */
const ALWAYS: readonly string[] = [
  "Customers who were not known at the end of the recorded time: nobody is invented.",
  "Imports, erasures, merges and restrictions of the record.",
  "Contacts by people, tasks that people do and promises that they keep: a task stays open.",
  "Approvals: what needs one waits, and lapses.",
  "Texts of a language model and its judgements: everything is decided as without one.",
  "Codes of offers: none is redeemed.",
  "Seasons of a year, and days that are known beforehand: they are part of what moves all customers at once.",
  "Bursts of the past that will not come again: they count as other weeks do, and raise what is foretold.",
  "Regular intervals, as of a bill every month: waits are as long as chance makes them.",
  "The hour at which a delivery is sent: it is answered after as long as recorded ones were, whatever the hour.",
  "A customer who tires: a delivery is answered as its arm has learned, however many came before.",
  "Facts that change by themselves: a signal says of the record what the latest of its type said.",
  "What a customer does because of another customer.",
];

function ofSample({ customers, population }: Twins): string[] {
  if (customers.length >= population) return [];
  const share = ((100 * customers.length) / population).toPrecision(2);
  return [`All customers: ${count(customers.length)} of ${count(population)} are played (${Number(share)} %), and figures are theirs.`];
}

function ofTypes({ types, leftOut: { rare, notOfCustomers, neverSeen } }: Twins): string[] {
  const atOnce = types.filter(({ comesAtOnce }) => comesAtOnce).map(({ type }) => type);
  const lacking = types.filter(({ lacksData }) => lacksData).map(({ type }) => type);
  return [
    ...named(counted(rare), `Signals that came of themselves fewer than ${FEWEST_SEEN} times`, "none comes"),
    ...named(counted(notOfCustomers), "Signals that people and systems send about a customer", "none comes"),
    ...named(neverSeen, "Signals that rules wait for and that were never seen", "none comes"),
    ...named(atOnce, "Signals that came to many customers at once", "each comes by itself"),
    ...named(lacking, "Signals whose data were removed in part", "data are drawn from what is left"),
  ];
}

function ofLength({ period: { from, until }, types }: Twins): string[] {
  const length = until - from;
  if (types.length === 0) return ["Anything that customers send: too little was recorded."];
  const short = `the recorded time is ${durationInWords(length)}`;
  const hours = length < DAYS_FOR_RHYTHM * DAY;
  const week = length < WEEKS_FOR_RHYTHM * WEEK;
  const still = types.filter(({ model }) => model.level.length === 1).map(({ type }) => type);
  return [
    ...(hours ? [`The hour of the day: ${short}.`] : []),
    ...(week ? [`The day of the week: ${short}.`] : []),
    ...named(still, "What moves all customers at once", `fewer than ${FEWEST_WEEKS} weeks show it, and intervals are too narrow`),
  ];
}

function ofAnswers({ answers: { ways, arms }, leftOut: { neverAnswered } }: Twins): string[] {
  const known = Object.values(arms).some(({ outcomes }) => outcomes > 0);
  const receipts = ways.some(({ patterns }) => patterns.some(({ answers }) => answers.length > 0));
  return [
    ...named(
      neverAnswered,
      "Answers to experiences that were never answered",
      known ? "each is drawn as from all others, with the doubt of two outcomes" : "none comes",
    ),
    ...(receipts ? [] : ["Receipts, replies and complaints: none was seen of deliveries whose time for answers is over."]),
  ];
}

const named = (names: readonly string[], what: string, then: string): string[] =>
  names.length === 0 ? [] : [`${what} (${names.join(", ")}): ${then}.`];

const counted = (counts: Readonly<Record<string, number>>): string[] => Object.entries(counts).map(([name, times]) => `${name} ${times}`);

const count = (number: number): string => number.toLocaleString("en-US");
