import { CANARY } from "./canaries.ts";

type Environment = Readonly<Record<string, string>>;
const withUserinfo = (scheme: string, rest: string): string => `${scheme}://ann:${CANARY.userinfo}@${rest}`;
const NOWHERE = withUserinfo("postgres", `127.0.0.1:1/nowhere?password=${CANARY.query}`);
const SERVER = withUserinfo("http", `127.0.0.1:1/?token=${CANARY.query}`);
const NO_QUEUE = withUserinfo("redis", "127.0.0.1:1/2");
const DATA = JSON.stringify({ password: CANARY.flag });
const SIGNAL = ["signal", "noted", "--customer", "c-9"];

/** Commands, valid and invalid; with the environment of the service unless they name their own. */
export const commands: readonly (readonly [name: string, words: readonly string[], exit: number, more?: Environment])[] = [
  ["serve without keys", ["serve"], 2, { SENTIENT_WRITE_KEYS: "" }],
  ["serve on a database that is not there", ["serve", "--port", "0"], 1, { DATABASE_URL: NOWHERE }],
  ["serve on a data folder that another one owns", ["serve", "--port", "0"], 1],
  ["addresses that are none", ["dev"], 2, { REDIS_URL: CANARY.query, DATABASE_URL: SERVER, SENTIENT_URL: SERVER }],
  [
    "a collector's headers that are none",
    ["dev", "--port", "x", "--data", "other"],
    2,
    { OTEL_EXPORTER_OTLP_HEADERS: `=${CANARY.header},,` },
  ],
  ["what is reachable", ["doctor"], 1, { DATABASE_URL: NOWHERE, REDIS_URL: NO_QUEUE, OPENAI_BASE_URL: SERVER }],
  ["decisions of a database that is not there", ["decisions", "list"], 1, { DATABASE_URL: NOWHERE }],
  ["a workspace that is no YAML beside a secret", ["check", "bad"], 2],
  ["a workspace whose variables are wrong", ["check", "wrong"], 2, { WRONG_URL: withUserinfo("ftp", `x y/?${CANARY.query}`) }],
  ["a workspace that cannot send", ["serve", "wrong", "--data", "third"], 2, { WRONG_URL: "" }],
  ["a signal", [...SIGNAL, "--data", DATA], 0],
  ["a signal whose data is no JSON", [...SIGNAL, "--data", DATA.slice(1)], 2],
  ["a signal with a wrong key", [...SIGNAL, "--data", DATA], 1, { SENTIENT_WRITE_KEYS: `x-${CANARY.envKey}` }],
  ["a signal to an address with a password", [...SIGNAL, "--url", SERVER], 2],
  ["a signal to what is no address", [...SIGNAL, "--url", CANARY.flag], 2],
  ["a signal to a server that is not there", [...SIGNAL, "--url", "http://127.0.0.1:1", "--data", DATA], 1],
  ["an option that is not known", [...SIGNAL, "--api-key", CANARY.flag], 2],
  ["an option that is not known, with its value", [...SIGNAL, `--api-key=${CANARY.flag}`], 2],
  ["an option that is not known, before the command", ["--api-key", CANARY.flag, "decisions", "list"], 2],
  ["records that cannot be imported", ["customers", "import", "bad-customers.jsonl"], 1],
  ["an export into a file", ["customers", "export", "c-takes", "--out", "export.json"], 0],
  ["an erasure", ["customers", "erase", "c-401", "--yes"], 0],
  ["a replay of signals that are none", ["run", "--signals", "bad-signals.jsonl"], 1],
  ["a policy's log that is none", ["policy", "evaluate", "bad-log.jsonl"], 2],
  ["the audit", ["audit", "list"], 0],
];
