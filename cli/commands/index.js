import {
  actor,
  address,
  choice,
  command,
  data,
  flag,
  json,
  live,
  many,
  maybe,
  needed,
  one,
  path,
  text,
  texts,
  time,
  whole,
} from "../declare.js";
import { approvals } from "./approvals/index.js";
import { audit } from "./audit/index.js";
import { canaries } from "./canaries/index.js";
import { cases } from "./cases/index.js";
import { customers } from "./customers/index.js";
import { dead } from "./dead/index.js";
import { decisions } from "./decisions/index.js";
import { experiences } from "./experiences/index.js";
import { intents } from "./intents/index.js";
import { keys } from "./keys/index.js";
import { outcomes } from "./outcomes/index.js";
import { pauses } from "./pauses/index.js";
import { policy } from "./policy/index.js";
import { promises } from "./promises/index.js";
import { proposals } from "./proposals/index.js";
import { runs } from "./runs/index.js";
import { tasks } from "./tasks/index.js";
import { versions } from "./versions/index.js";

const port = whole("N", "port to listen on; 0 picks a free one (default: PORT, or 3000)", {
  ...{ least: 0, most: 65_535, expected: "a port" },
});
const host = text("ADDRESS", "address to listen on (default: SENTIENT_HOST, or 127.0.0.1)");
const code = {
  ...choice(
    ["folder", "published"],
    "which tools and channels to run: those of DIR, or those kept with the version in force (default: folder)",
  ),
  value: "folder|published",
};
const publish = flag(
  "publish the folder over the version in force first, unless that very version was in force before (also SENTIENT_PUBLISH=1)",
);
const noConsole = flag("serve no pages: the API alone (also SENTIENT_CONSOLE=off)");

const paused = {
  channel: text("NAME", "only this channel"),
  department: text("NAME", "only this department"),
  agent: text("NAME", "only what this agent does"),
};

/** Every command, in the order of help. A command of two words is declared in the folder of its first. */
export const commands = [
  command({
    name: "demo",
    summary: "the bundled dealership story, start to end, with no set-up",
    stays: "it plays a bundled workspace on a store of its own",
    more: "With --open the story is shown in the console: it prints a link that signs in once, opens it where there is a desktop, and stays until\nCtrl-C. Nothing leaves the machine.",
    options: {
      open: flag("show the story in the console"),
      port: whole("N", "with --open: port to listen on (default: any free one)", { least: 0, most: 65_535, expected: "a port" }),
      host,
    },
    load: () => import("./demo.ts"),
  }),
  command({
    name: "init",
    summary: "write a small workspace that runs",
    stays: "it writes a folder",
    words: { dir: one("DIR") },
    load: () => import("./init.ts"),
  }),
  command({
    name: "check",
    summary: "check a workspace: every problem at once, and notes on names that no data know",
    stays: "it reads a folder",
    more: "It runs the code in the workspace's tools/*.ts and channels/*.ts, with all rights of this user, to read their declarations, and prints that it does.",
    words: { dir: maybe("DIR") },
    options: {
      strict: flag("notes are errors too, but for those on what is right as it is"),
      data,
    },
    load: () => import("./check.ts"),
  }),
  command({
    name: "run",
    summary: "replay a recorded stream of signals in event time",
    stays: "it replays a stream on a store of its own",
    words: { dir: maybe("DIR") },
    options: {
      signals: path("FILE|-", "the stream, one CloudEvent a line (default: the workspace's signals.jsonl)"),
      until: time("fire timers until then, and leave out signals after it"),
      data: {
        ...path("DIR", "keep the store in this folder, also typed --store, and go on from it (default: a fresh store in memory)"),
        also: "store",
      },
      live: flag("send messages for real, where their moment is still open by the wall clock; without it they are recorded"),
    },
    load: () => import("./run.ts"),
  }),
  command({
    name: "replay",
    summary: "what another workspace would have decided, side by side",
    stays: "it needs the whole recorded stream, which only the store itself has",
    more: "Without DECISION the whole recorded stream is replayed under --workspace, and the differences are shown wake by wake and in totals.",
    words: { decision: maybe("DECISION") },
    options: { data },
    load: () => import("./replay.ts"),
  }),
  command({
    name: "rehearse",
    summary: "play two policies on the same futures: what differs, what it would cost, whom it would leave out",
    stays: "it needs everything that was recorded, which only the store itself has",
    more: "DIR is compared with --against: a folder, or a version of the store (default: the version in force; without one DIR itself). It is made from\nthe store of --data or DATABASE_URL, otherwise from customers.jsonl and signals.jsonl of DIR. Nothing leaves the machine, nothing is\nwritten to the store, and simulated figures are marked as such.",
    words: { dir: maybe("DIR") },
    options: {
      against: text("DIR|VERSION", "the policy to compare with"),
      data: { ...path("DIR", "folder of the embedded store that it is made from, also typed --store"), also: "store" },
      days: whole("N", "how many days are played, from the end of the recorded time (default: 30)", { least: 1, most: 366, otherwise: 30 }),
      customers: whole("N", "the most customers that are played; of more, a share is (default: 20000)", { least: 1, most: 10_000_000 }),
      paths: whole("N", "how many futures are played (default: 20)", { least: 1, most: 1_000, otherwise: 20 }),
      seed: text("TEXT", "the same seed gives the same futures (default: sentient)"),
      by: text("PATH", "tell results apart by this field of the customers"),
      backtest: text("SHARE", "foretell the last part of the record, as 0.3 of it, and compare with what came"),
      report: path("DIR", "write report.json and report.html into this folder"),
    },
    load: () => import("./rehearse.ts"),
  }),
  command({
    name: "dev",
    summary: "server and worker in one process, with keys of its own",
    stays: "it is a server",
    more: "It works on the embedded store unless DATABASE_URL says otherwise. It publishes DIR, and again whenever a file in it is saved; with\nerrors in it, the version in force stays and the problems are printed.",
    words: { dir: maybe("DIR") },
    options: { data, port, host, noConsole },
    load: () => import("./dev.ts"),
  }),
  command({
    name: "serve",
    summary: "accept signals and serve operators, over HTTP",
    stays: "it is a server",
    more: "Keys come from SENTIENT_WRITE_KEYS, and from SENTIENT_CONSOLE_KEYS (people with roles: npx sentient keys new) or SENTIENT_OPERATOR_KEYS;\nwithout them it does not start. A write key may have rights behind it: key[+consent][+receipts][+ask]. SENTIENT_SITE_KEYS has keys for pages of sites (docs/service.md).",
    words: { dir: maybe("DIR") },
    options: { data, port, host, noConsole, publish, code },
    load: () => import("./serve.ts"),
  }),
  command({
    name: "worker",
    summary: "decide the signals that serve accepts; any number of workers may run",
    stays: "it works on the store of DATABASE_URL",
    words: { dir: maybe("DIR") },
    options: {
      concurrency: whole("N", "batches decided at the same time (default: 4)", { least: 1, most: 64, otherwise: 4 }),
      publish,
      code,
    },
    load: () => import("./worker.ts"),
  }),
  command({
    name: "signal",
    summary: "send one signal to the running server",
    words: { type: one("TYPE") },
    options: {
      customer: needed(text("ID", "whom it is about")),
      data: json("what it says: a JSON object, or a file with one"),
      id: text("ID", "its id; the same one again is a duplicate (default: a new one)"),
      source: text("NAME", "who says so (default: cli)"),
      url: address("where the server answers (default: SENTIENT_URL, or the one that owns the store)"),
      store: path("DIR", "folder of the embedded store that the server owns (default: .sentient)"),
    },
    load: () => import("./signal.ts"),
  }),
  command({
    name: "next",
    summary: "ask what a customer is to be given at the places of a pull channel",
    more: "The running server is asked, with a write key that has the right ask; a store that no server owns decides by itself. What is given is\ngiven: it counts and is logged like an answer to a page.",
    options: {
      data,
      customer: needed(text("ID", "whom it is about; an unknown one is created")),
      channel: needed(text("NAME", "the channel, of kind pull")),
      place: texts("NAME", "a place of it; may be repeated (default: all of them)"),
      context: json("what the place knows: a JSON object, or a file with one"),
      experience: text("ID", "ask about this experience alone"),
    },
    load: () => import("./next.ts"),
  }),
  command({
    name: "touch",
    summary: "record that a person was in contact with a customer",
    more: "It is recorded as the signal human.touch in the name of who runs it, counts as a contact, and wakes the customer.",
    words: { customer: one("CUSTOMER") },
    options: {
      data,
      kind: needed(choice(["visit", "call", "chat"], "what kind of contact")),
      department: text("NAME", "the department that it counts for under caps"),
      key: text("KEY", "the same key again records nothing (8 to 200 characters)"),
      live,
      ...actor,
    },
    load: () => import("./touch.ts"),
  }),
  command({
    name: "eval",
    summary: "check golden decisions: what must be decided, and what must not",
    stays: "it judges a folder on a store of its own",
    words: { names: many("NAME|DIR") },
    options: {
      trials: whole("K", "run every case K times; a case passes when all of them do", { least: 1, most: 1_000 }),
      baseline: path("FILE", "compare with an earlier report.json: what got better, what got worse"),
      report: path("DIR", "write report.json and report.html into this folder"),
    },
    load: () => import("./eval.ts"),
  }),
  command({
    name: "why",
    summary: "why a customer did not get an experience, or did: the first rung of the ladder that says no",
    words: { customer: one("CUSTOMER"), experience: one("EXPERIENCE") },
    options: {
      data,
      from: time("from when on (default: seven days before --to)"),
      to: time("until when (default: now; on a replayed store, the end of its stream)"),
    },
    load: () => import("./why.ts"),
  }),
  command({
    name: "render",
    summary: "preview a message, with the facts it states",
    more: "Nothing is sent or kept, and no action is run. Without a store the customer is read from the workspace's customers.jsonl. It fails\n(exit 1) where the text cannot be written: a fact is missing, stale or in conflict.",
    words: { experience: one("EXPERIENCE"), customer: one("CUSTOMER") },
    options: {
      data,
      channel: text("NAME", "on which channel (default: the first by which the customer can be reached)"),
      variant: text("NAME", "in which variant (default: the first)"),
      locale: text("TAG", "as if this were the customer's language"),
      signal: json('as if this signal had just come: {"type": …, "data": {…}}, or a file with one'),
      html: path("FILE", "write the mail as HTML, exactly as it would be sent, readable by nobody else"),
    },
    load: () => import("./render.ts"),
  }),
  ...intents,
  ...experiences,
  ...customers,
  ...decisions,
  ...outcomes,
  ...runs,
  ...policy,
  ...tasks,
  ...approvals,
  ...promises,
  ...cases,
  command({
    name: "pause",
    summary: "stop everything, or a channel, department or agent",
    more: "It takes effect at once for everything that has not been sent.",
    options: { data, ...paused, ...actor },
    load: () => import("./pause.ts"),
  }),
  command({
    name: "resume",
    summary: "end a pause; what it held back is decided again",
    options: { data, ...paused, live, ...actor },
    load: () => import("./resume.ts"),
  }),
  ...pauses,
  ...dead,
  ...audit,
  command({
    name: "publish",
    summary: "check a workspace, run its golden decisions, and put it in force",
    more: "Exit 3 where golden decisions are below their gate, 1 where another version is in force than the folder came from; then nothing is\npublished. Processes that run follow it within two seconds.",
    words: { dir: maybe("DIR") },
    options: {
      data,
      noEvals: flag("leave golden decisions out"),
      over: text("VERSION", "the version that the folder came from (default: the one it was last published as or written from)"),
      force: flag("also where another version is in force by now"),
      dryRun: flag("say what would change, rehearse it in short, and publish nothing"),
      noRehearsal: flag("without a rehearsal in a dry run"),
      ...actor,
    },
    load: () => import("./publish.ts"),
  }),
  command({
    name: "rollback",
    summary: "put an earlier version in force again",
    words: { version: one("VERSION") },
    options: { data, ...actor },
    load: () => import("./rollback.ts"),
  }),
  command({
    name: "propose",
    summary: "propose an experience, new or changed, for another person to approve",
    more: "What check finds in the version in force with it, and what its golden decisions say, is shown and kept with it; nothing is published.",
    words: { file: one("FILE") },
    options: {
      data,
      evals: texts("FILE", "golden decisions that come along, replacing those of the same name; may be repeated"),
      because: text("TEXT", "why"),
      evidence: texts("ID", "a decision, delivery, run or task that speaks for it; may be repeated"),
      noRehearsal: flag("without a short rehearsal beside the version in force"),
      by: actor.by,
    },
    load: () => import("./propose.ts"),
  }),
  ...proposals,
  ...canaries,
  ...versions,
  ...keys,
  command({ name: "doctor", summary: "what is configured, reachable and missing", options: { data }, load: () => import("./doctor.ts") }),
  command({
    name: "assess",
    summary: "check files of a version that are on standard input, and run their golden decisions",
    stays: "a server starts it, with what it is to check",
    hidden: true,
    load: () => import("./assess.ts"),
  }),
  command({
    name: "rehearse-given",
    summary: "play a rehearsal that is on standard input",
    stays: "a server starts it, with what it is to play",
    hidden: true,
    load: () => import("./rehearse-given.ts"),
  }),
  command({
    name: "prepare",
    summary: "prepare the template from which embedded stores are made",
    stays: "it prepares this machine",
    hidden: true,
    load: () => import("./prepare.ts"),
  }),
];
