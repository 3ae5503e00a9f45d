import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { openScriptedEndpoint } from "./stand-ins/model.ts";

/**
 * Replays the recorded story with `sentient run`, and prints the conversation. The language model is a local stand-in, reached like any
 * other through `OPENAI_BASE_URL`. With `--without-model` there is none.
 */
const workspace = import.meta.dirname;
const data = mkdtempSync(join(tmpdir(), "chain-"));
const isWithout = process.argv.includes("--without-model");
const model = await openScriptedEndpoint();
const environment = {
  ...process.env,
  OPENAI_BASE_URL: isWithout ? "" : model.url,
  OPENAI_MODEL: isWithout ? "" : "scripted",
  OPENAI_API_KEY: "",
};

const { code, out } = await sentient("run", relative(".", workspace) || ".", "--data", data, "--json", "--until", "2026-04-17T00:00:00Z");
print(out);
await sentient("tasks", "list", "--data", data);
say(`\nWhy, and what it cost: sentient decisions list --data ${data}\n                       sentient decisions explain ID --data ${data}`);
await model.close();
process.exitCode = code;

/** Runs a command; its output is shown unless it is captured. */
function sentient(...words: string[]): Promise<{ code: number; out: string }> {
  say(`\n$ ${isWithout ? "" : `OPENAI_BASE_URL=${model.url} OPENAI_MODEL=scripted `}sentient ${words.join(" ")}`);
  const cli = join(workspace, "..", "..", "cli", "sentient.js");
  const isForUs = words.includes("--json");
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...words], {
      stdio: ["ignore", isForUs ? "pipe" : "inherit", "inherit"],
      env: environment,
    });
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += String(chunk);
    });
    child.on("close", (status) => resolve({ code: status ?? 1, out: text }));
  });
}

interface Line {
  readonly at: string;
  readonly customer: string;
  readonly text: string;
}

/** Messages of customers and replies to them, by time. */
function print(decisions: string): void {
  const told = read(decisions).flatMap(({ decidedAt, customerId, action, experienceId, channel, deliveries = [], reasons }): Line[] => {
    const at = String(decidedAt);
    const customer = String(customerId);
    if (action === "silence") return [{ at, customer, text: `   (silence: ${reasons?.map(({ code: why }) => why).join(", ")})` }];
    return deliveries.map(({ content }) => ({ at, customer, text: `← ${experienceId} by ${channel}: ${content?.text}` }));
  });
  const wrote = read(readFileSync(join(workspace, "signals.jsonl"), "utf8")).map(
    ({ time, subject, type, data: { text, note } = {} }): Line => ({
      at: String(time),
      customer: String(subject),
      text: `→ ${text ?? `${type}${note === undefined ? "" : ` (${note})`}`}`,
    }),
  );
  const lines = [...wrote, ...told].sort((a, b) => a.customer.localeCompare(b.customer) || Date.parse(a.at) - Date.parse(b.at));
  for (const { at, customer, text } of lines) say(`${at.slice(5, 16)} ${customer}  ${text.replaceAll("\n", "\n                      ")}`);
}

interface Read {
  readonly [field: string]: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly reasons?: readonly { readonly code: string }[];
  readonly deliveries?: readonly { readonly content?: { readonly text?: string } }[];
}

function read(lines: string): Read[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Read);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
