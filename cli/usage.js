// What the command line takes, as data: help is printed from it and arguments are read by it. Plain JavaScript that
// imports nothing, so that help answers at once.

/**
 * @typedef {object} Option
 * @property {"boolean" | "string"} type
 * @property {string} help
 * @property {string} [value] What a string option is called in help.
 * @property {boolean} [multiple]
 * @property {string} [short]
 */

/**
 * @typedef {object} Command
 * @property {string} name Words as they are typed; the file is the first of them.
 * @property {string} positionals As shown in help; in brackets where optional.
 * @property {string} summary
 * @property {string} [more] Said in the command's own help.
 * @property {Readonly<Record<string, Option>>} options
 * @property {boolean} [hidden]
 */

/** @type {Readonly<Record<string, Option>>} */
export const globalOptions = {
  workspace: { type: "string", value: "DIR", help: "the workspace (default: the current folder)" },
  json: { type: "boolean", help: "one JSON value on standard output, or one a line for a stream" },
  quiet: { type: "boolean", help: "only results and errors" },
  debug: { type: "boolean", help: "show where an error came from" },
  help: { type: "boolean", short: "h", help: "this help" },
};

/** @type {Option} */
const data = { type: "string", value: "DIR", help: "folder of the embedded store (default: .sentient)" };
/** @type {Option} */
const limit = { type: "string", value: "N", help: "at most so many (default: 50)" };
/** @type {Option} */
const customer = { type: "string", value: "ID", help: "only of this customer" };

/** @type {Option} */
const port = { type: "string", value: "N", help: "where it listens; 0 takes any that is free (default: PORT, or 3000)" };
/** @type {Option} */
const host = { type: "string", value: "ADDRESS", help: "on which address (default: SENTIENT_HOST, or 127.0.0.1)" };

/** @type {Readonly<Record<string, Option>>} */
const actor = {
  by: { type: "string", value: "NAME", help: "who does this, for the audit (default: the user of this machine)" },
  note: { type: "string", value: "TEXT", help: "why, for the audit" },
};
/** @type {Option} */
const all = { type: "boolean", help: "also what is over" };
/** @type {Option} */
const live = { type: "boolean", help: "on a replayed store: hand messages over for real; without it they are recorded" };
/** @type {Readonly<Record<string, Option>>} */
const paused = {
  channel: { type: "string", value: "NAME", help: "only this channel" },
  department: { type: "string", value: "NAME", help: "only this department" },
  agent: { type: "string", value: "NAME", help: "only what this agent does" },
};

/** @type {Readonly<Record<string, Option>>} */
const dead = {
  code: { type: "string", value: "C", help: "those that failed with this code" },
  all: { type: "boolean", help: "all of them" },
};

/** @type {readonly Command[]} */
export const commands = [
  { name: "demo", positionals: "", summary: "the bundled dealership story, start to end, with no set-up", options: {} },
  { name: "init", positionals: "DIR", summary: "write a small workspace that runs", options: {} },
  {
    name: "check",
    positionals: "[DIR]",
    summary: "check a workspace: every problem at once",
    options: {},
    more: "It runs the code in the workspace's tools/*.ts, with all rights of this user, to learn what they export, and says so.",
  },
  {
    name: "run",
    positionals: "[DIR]",
    summary: "replay a recorded stream of signals in event time",
    options: {
      signals: { type: "string", value: "FILE|-", help: "the stream, one CloudEvent a line (default: the workspace's signals.jsonl)" },
      until: { type: "string", value: "TIME", help: "fire timers until then, and leave out signals after it" },
      data: { type: "string", value: "DIR", help: "keep the store in this folder and go on from it (default: a fresh store in memory)" },
      live: { type: "boolean", help: "hand messages over for real; without it they are recorded" },
    },
  },
  {
    name: "replay",
    positionals: "[DECISION]",
    summary: "what another workspace would have decided, side by side",
    more: "Without DECISION the whole recorded stream is replayed under --workspace, and the differences are shown wake by wake and in totals.",
    options: { data },
  },
  {
    name: "dev",
    positionals: "[DIR]",
    summary: "server and worker in one process, with keys of its own",
    more: "It works on the embedded store unless DATABASE_URL says otherwise.",
    options: { data, port, host },
  },
  {
    name: "serve",
    positionals: "[DIR]",
    summary: "take signals in and answer operators, over HTTP",
    more: "Keys come from SENTIENT_WRITE_KEYS and SENTIENT_OPERATOR_KEYS; without them it does not start. A write key may have rights\nbehind it: key[+consent][+receipts][+ask].",
    options: { data, port, host },
  },
  {
    name: "worker",
    positionals: "[DIR]",
    summary: "decide what serve takes in; any number of them may run",
    options: { concurrency: { type: "string", value: "N", help: "batches decided at the same time (default: 4)" } },
  },
  {
    name: "signal",
    positionals: "TYPE",
    summary: "send one signal to the running server",
    options: {
      customer: { type: "string", value: "ID", help: "whom it is about" },
      data: { type: "string", value: "JSON|@FILE", help: "what it says: a JSON object, or a file with one" },
      id: { type: "string", value: "ID", help: "its id; the same one again is a duplicate (default: a new one)" },
      source: { type: "string", value: "NAME", help: "who says so (default: cli)" },
      url: { type: "string", value: "URL", help: "where the server answers (default: SENTIENT_URL, or the one that owns the store)" },
      store: { type: "string", value: "DIR", help: "folder of the store that the server owns (default: .sentient)" },
    },
  },
  {
    name: "eval",
    positionals: "[NAME|DIR...]",
    summary: "judge golden decisions: those that must be there, and those that must not",
    options: {
      trials: { type: "string", value: "K", help: "run every case K times; a case passes when all of them do" },
      baseline: { type: "string", value: "FILE", help: "compare with an earlier report.json: what got better, what got worse" },
      report: { type: "string", value: "DIR", help: "write report.json and report.html there" },
    },
  },
  { name: "customers import", positionals: "FILE", summary: "import golden records, one JSON object a line", options: { data, ...actor } },
  { name: "customers show", positionals: "ID", summary: "a golden record: every field with its source and age", options: { data } },
  {
    name: "customers lift",
    positionals: "ID",
    summary: "write again to an address that was given up",
    more: "An address is given up when a provider says that it reaches nobody. customers show tells which and why.",
    options: { data, address: { type: "string", value: "ADDRESS", help: "only this one (default: all of them)" }, live, ...actor },
  },
  {
    name: "customers merge",
    positionals: "ID",
    summary: "say that two customers are one person",
    more: "The customer disappears into the other one, with everything that is open. Both source records stay; customers split takes it back.",
    options: { data, into: { type: "string", value: "ID", help: "who stands for both from then on" }, live, ...actor },
  },
  {
    name: "customers split",
    positionals: "ID",
    summary: "undo a merge: both customers are as they were",
    more: "Removes the link by which a customer has disappeared into another one. What was said since stays with the other one.",
    options: { data, live, ...actor },
  },
  {
    name: "customers export",
    positionals: "ID",
    summary: "everything held about a person, as one JSON document",
    options: { data, out: { type: "string", value: "FILE", help: "write it there, readable by nobody else" }, ...actor },
  },
  {
    name: "customers erase",
    positionals: "ID",
    summary: "remove everything held about a person",
    more: "Only keyed hashes of the addresses stay, so that nothing is sent to them again.",
    options: { data, yes: { type: "boolean", help: "go on: nothing brings it back" }, ...actor },
  },
  { name: "decisions list", positionals: "", summary: "decisions, the latest last", options: { data, limit, customer } },
  { name: "decisions show", positionals: "ID", summary: "the whole record of a decision", options: { data } },
  { name: "decisions explain", positionals: "ID", summary: "why, why not the others, and what would have changed it", options: { data } },
  { name: "runs list", positionals: "", summary: "executions of the graph, the latest first", options: { data, limit, customer } },
  { name: "runs show", positionals: "ID", summary: "the steps and tool calls of a run", options: { data } },
  {
    name: "policy evaluate",
    positionals: "LOG",
    summary: "the value of another policy, from a log with probabilities",
    options: {
      policy: {
        type: "string",
        value: "NAME|FILE",
        help: "best (default), uniform, always:ACTION, or a file: probabilities by action, a line for each decision or one for all",
      },
      rewards: { type: "string", value: "FILE", help: "what came of decisions or deliveries, one JSON object a line" },
      confidence: { type: "string", value: "SHARE", help: "of the intervals (default: 0.95)" },
      seed: { type: "string", value: "TEXT", help: "draws the resamples of the intervals anew" },
    },
  },
  {
    name: "runs retry",
    positionals: "ID",
    summary: "judge again what a run has left undone",
    options: { data, force: { type: "boolean", help: "also where nobody knows whether it went out" }, live, ...actor },
  },
  {
    name: "tasks list",
    positionals: "",
    summary: "work for humans, by queue, what is due first first",
    options: { data, queue: { type: "string", value: "NAME", help: "only of this queue" }, customer, all, limit },
  },
  {
    name: "tasks claim",
    positionals: "ID",
    summary: "take a task",
    options: { data, "take-over": { type: "boolean", help: "also from somebody else" }, ...actor },
  },
  {
    name: "tasks done",
    positionals: "ID",
    summary: "end a task",
    options: {
      data,
      contacted: { type: "boolean", help: "the customer was contacted over it: a touch that caps count" },
      kind: { type: "string", value: "KIND", help: "how: call, chat or visit (default: call)" },
      live,
      ...actor,
    },
  },
  { name: "approvals list", positionals: "", summary: "what waits for a human's yes", options: { data, customer, all, limit } },
  {
    name: "approvals approve",
    positionals: "ID",
    summary: "say yes: everything is judged again, and it is sent if it still wins",
    options: { data, live, ...actor },
  },
  {
    name: "approvals reject",
    positionals: "ID",
    summary: "say no, for as long as the moment is open",
    options: { data, live, ...actor },
  },
  { name: "promises list", positionals: "", summary: "what is owed to customers, overdue first", options: { data, customer, all, limit } },
  { name: "promises kept", positionals: "ID", summary: "say that a promise is kept", options: { data, live, ...actor } },
  {
    name: "pause",
    positionals: "",
    summary: "stop everything, or a channel, department or agent",
    more: "It takes effect at once for what has not been handed over.",
    options: { data, ...paused, ...actor },
  },
  {
    name: "resume",
    positionals: "",
    summary: "end a pause; what it kept back is judged again",
    options: { data, ...paused, live, ...actor },
  },
  {
    name: "dead list",
    positionals: "",
    summary: "signals and timers that were given up, and why, the latest first",
    options: { data, customer, code: { type: "string", value: "C", help: "only those that failed with this code" }, limit },
  },
  {
    name: "dead revive",
    positionals: "[ID...]",
    summary: "try what was given up once more; a timer gets its time back",
    options: { data, ...dead, ...actor },
  },
  {
    name: "dead discard",
    positionals: "[ID...]",
    summary: "give it up for good; a discarded signal stays a duplicate when it comes again",
    options: { data, ...dead, ...actor },
  },
  { name: "pauses list", positionals: "", summary: "what is paused, since when and by whom", options: { data } },
  { name: "audit list", positionals: "", summary: "what operators did, the latest last", options: { data, customer, limit } },
  { name: "doctor", positionals: "", summary: "what is configured, reachable and missing", options: { data } },
  { name: "prepare", positionals: "", summary: "make what a new embedded store starts from", options: {}, hidden: true },
];

/** @returns {string} */
export function helpForAll() {
  const shown = commands.filter((command) => !command.hidden);
  const width = Math.max(...shown.map((command) => heading(command).length));
  const lines = shown.map((command) => `  ${heading(command).padEnd(width)}  ${command.summary}`);
  return [
    "sentient: decides, one customer at a time, the right experience at the right moment.",
    "",
    "Usage: sentient COMMAND [options]",
    "",
    ...lines,
    "",
    "Options of every command:",
    ...optionLines(globalOptions),
    "",
    "sentient COMMAND --help tells more. Start with: sentient demo",
  ].join("\n");
}

/**
 * @param {Command} command
 * @returns {string}
 */
export function helpFor(command) {
  const own = Object.keys(command.options).length > 0 ? ["", "Options:", ...optionLines(command.options)] : [];
  return [
    `Usage: sentient ${heading(command)} [options]`,
    "",
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    ...(command.more === undefined ? [] : [command.more]),
    ...own,
    "",
    "Options of every command:",
    ...optionLines(globalOptions),
  ].join("\n");
}

/**
 * The command that words begin with, and what is left of them.
 * @param {readonly string[]} words
 * @returns {{ command: Command, rest: string[] } | undefined}
 */
export function findCommand(words) {
  const named = commands.filter(({ name }) => name.split(" ").every((word, index) => words[index] === word));
  const command = named.sort((a, b) => b.name.length - a.name.length)[0];
  return command && { command, rest: words.slice(command.name.split(" ").length) };
}

/** @param {Command} command */
const heading = ({ name, positionals }) => (positionals === "" ? name : `${name} ${positionals}`);

/** @param {Readonly<Record<string, Option>>} options */
function optionLines(options) {
  const entries = Object.entries(options).map(([name, { value, short, help }]) => ({
    flag: `${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`,
    help,
  }));
  const width = Math.max(...entries.map(({ flag }) => flag.length));
  return entries.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`);
}
