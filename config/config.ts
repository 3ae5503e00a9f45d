import ipaddr from "ipaddr.js";
import { z } from "zod";
import { SentientError } from "../domain/errors.ts";
import type { SiteKey, WriteKey } from "../domain/identity/key-rights.ts";
import type { PersonKey } from "../domain/identity/roles.ts";
import { KEY_COMMAND, readKeys } from "./keys.ts";
import { MIN_SECRET_LENGTH } from "./site-keys.ts";

/** An empty variable counts as unset. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const HTTP: readonly string[] = ["http:", "https:"];

const hasProtocol = (value: string, protocols: readonly string[]): boolean =>
  URL.canParse(value) && protocols.includes(new URL(value).protocol);

const url = (what: string, protocols: readonly string[]) => z.string().refine((value) => hasProtocol(value, protocols), `expected ${what}`);

/** A case-insensitive keyword, as OpenTelemetry's specification requires. */
const word = (...words: readonly [string, ...string[]]) => optional(z.string().trim().toLowerCase().pipe(z.enum(words)));

/** A header that no browser or server sets by itself. */
const headerName = optional(
  z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, "expected the name of a header, like X-Forwarded-User")
    .transform((name) => name.toLowerCase())
    .refine((name) => !RESERVED.includes(name), "expected a header that only the proxy sets"),
);
const RESERVED = ["authorization", "cookie", "host", "origin", "content-type", "content-length", "user-agent", "accept", "referer"];

const isAddressRange = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

const endpoint = optional(url("the address of a collector like http://127.0.0.1:4318", HTTP));

export const SERVER_ADDRESS = "the address of a running server like http://127.0.0.1:3000, without user name, password or query";

/** Whether an address is a valid server URL. It must contain no secrets, as error messages repeat it; keys go into a header. */
export function isServerAddress(value: string): boolean {
  if (!hasProtocol(value, HTTP)) return false;
  const { username, password, search } = new URL(value);
  return `${username}${password}${search}` === "";
}

const Config = z.object({
  DATABASE_URL: optional(url("a PostgreSQL address like postgres://user@host:5432/database", ["postgres:", "postgresql:"])),
  REDIS_URL: optional(url("a Redis address like redis://host:6379", ["redis:", "rediss:"])),
  SENTIENT_WRITE_KEYS: optional(z.string()),
  SENTIENT_OPERATOR_KEYS: optional(z.string()),
  SENTIENT_CONSOLE_KEYS: optional(z.string()),
  SENTIENT_SITE_KEYS: optional(z.string()),
  SENTIENT_SITE_SECRET: optional(
    z
      .string()
      .refine(
        (text) => [...text].length >= MIN_SECRET_LENGTH,
        `is shorter than ${MIN_SECRET_LENGTH} characters; make one with: ${KEY_COMMAND}`,
      ),
  ),
  SENTIENT_CONSOLE: word("on", "off"),
  SENTIENT_PUBLISH: word("1", "0"),
  SENTIENT_PROXY_USER_HEADER: headerName,
  SENTIENT_PROXY_ROLES_HEADER: headerName,
  SENTIENT_PROXY_ADDRESSES: optional(
    z
      .string()
      .refine((text) => listOf(text).every(isAddressRange), "expected addresses of the proxy, like 10.0.0.5 or 10.0.0.0/24, with commas"),
  ),
  SENTIENT_URL: optional(z.string().refine(isServerAddress, `expected ${SERVER_ADDRESS}`)),
  SENTIENT_PUBLIC_URL: optional(url("the address at which the world reaches the server, like https://care.example.com", HTTP)),
  SENTIENT_HOST: optional(z.string()),
  PORT: optional(z.string().regex(/^\d{1,5}$/, "expected a port")),
  OPENAI_API_KEY: optional(z.string()),
  OPENAI_BASE_URL: optional(url("the address of an OpenAI-compatible endpoint like https://api.openai.com/v1", HTTP)),
  OPENAI_MODEL: optional(z.string()),
  SENTIENT_RECORD: optional(z.string()),
  SENTIENT_RECORD_CONTENT: optional(z.enum(["redacted", "full"])),
  SENTIENT_REPLAY: optional(z.string()),
  OTEL_SDK_DISABLED: optional(z.string().trim().toLowerCase()),
  OTEL_TRACES_EXPORTER: word("otlp", "none"),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: word("http/protobuf", "http/json"),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: word("http/protobuf", "http/json"),
  OTEL_TRACES_SAMPLER: word(
    ...(["always_on", "always_off", "traceidratio"] as const),
    ...(["parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"] as const),
  ),
  OTEL_TRACES_SAMPLER_ARG: optional(z.string().refine((text) => Number(text) >= 0 && Number(text) <= 1, "expected a share from 0 to 1")),
  SENTIENT_HTTP_HOSTS: optional(
    z.string().regex(/^[A-Za-z0-9.*,\s-]+$/, "expected host names with commas between them, like api.example.com,*.example.org"),
  ),
});

export interface Config {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** Keys for sending signals, and for the operator API. */
  readonly writeKeys: readonly WriteKey[];
  readonly operatorKeys: readonly string[];
  /** Keys of people, each with a name and a role. */
  readonly consoleKeys: readonly PersonKey[];
  /** Keys for pages of sites, and the secret with which those sites sign who their visitor is. */
  readonly siteKeys: readonly SiteKey[];
  readonly siteSecret?: string;
  /** Whether the pages of the console are served. */
  readonly console: boolean;
  /** Whether `serve` and `worker` publish their folder over another version, unless it was in force before. */
  readonly publishes: boolean;
  /** A reverse proxy that signs people in. */
  readonly proxy?: { readonly userHeader: string; readonly rolesHeader: string; readonly addresses: readonly string[] };
  /** URL of a running server. */
  readonly serverUrl?: string;
  /** Public URL: for links in messages, and for webhook signatures over the URL. */
  readonly publicUrl?: string;
  /** Host and port on which our server listens. */
  readonly host?: string;
  readonly port?: number;
  /** Default language model for a workspace with `model:`. */
  readonly model: ModelConfig;
  /** Hosts that the tool `http_request` may reach; none by default. */
  readonly httpHosts: readonly string[];
  /** Set if traces are to be exported. */
  readonly tracing?: TracingConfig;
}

/** The protocol of the trace export; the SDK reads endpoint and sampling from its own variables. */
export interface TracingConfig {
  readonly protocol: "http/json" | "http/protobuf";
}

export interface ModelConfig {
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly name?: string | undefined;
  /** A file to which every call is appended, and whether with its texts. */
  readonly record?: { readonly file: string; readonly content: "redacted" | "full" } | undefined;
  /** A file of recorded calls, used instead of the endpoint. */
  readonly replay?: string | undefined;
}

/** Reads and validates the environment. Throws BAD_CONFIG with all invalid variables in one message. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const parsed = Config.safeParse(environment);
  const keys = readKeys({
    write: listOf(environment.SENTIENT_WRITE_KEYS),
    operator: listOf(environment.SENTIENT_OPERATOR_KEYS),
    console: listOf(environment.SENTIENT_CONSOLE_KEYS),
    site: listOf(environment.SENTIENT_SITE_KEYS),
  });
  const problems = [...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`), ...keys.problems];
  if (!parsed.success || problems.length > 0) throw new SentientError("BAD_CONFIG", problems.join("; "));
  const { DATABASE_URL, REDIS_URL, SENTIENT_URL, SENTIENT_PUBLIC_URL, SENTIENT_HOST, PORT, ...lists } = parsed.data;
  return Object.freeze({
    httpHosts: listOf(lists.SENTIENT_HTTP_HOSTS),
    model: modelConfig(lists),
    writeKeys: keys.write,
    operatorKeys: keys.operator,
    consoleKeys: keys.console,
    siteKeys: keys.site,
    ...(lists.SENTIENT_SITE_SECRET === undefined ? {} : { siteSecret: lists.SENTIENT_SITE_SECRET }),
    console: lists.SENTIENT_CONSOLE !== "off",
    publishes: lists.SENTIENT_PUBLISH === "1",
    ...tracingIn(parsed.data),
    ...proxyIn(parsed.data),
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
    ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }),
    ...(SENTIENT_URL === undefined ? {} : { serverUrl: bare(SENTIENT_URL) }),
    ...(SENTIENT_PUBLIC_URL === undefined ? {} : { publicUrl: bare(SENTIENT_PUBLIC_URL) }),
    ...(SENTIENT_HOST === undefined ? {} : { host: SENTIENT_HOST }),
    ...(PORT === undefined ? {} : { port: Number(PORT) }),
  });
}

// --- internal ---

type Variables = z.infer<typeof Config>;

function modelConfig({
  SENTIENT_RECORD: file,
  SENTIENT_RECORD_CONTENT: content = "redacted",
  ...variables
}: Partial<Variables>): ModelConfig {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: name, SENTIENT_REPLAY: replay } = variables;
  if (file !== undefined && replay !== undefined)
    throw new SentientError("BAD_CONFIG", "SENTIENT_RECORD and SENTIENT_REPLAY: a run either records calls or replays them");
  const record = file === undefined ? {} : { record: { file, content } };
  return { apiKey, baseUrl, name, ...record, ...(replay === undefined ? {} : { replay }) };
}

/** The specification's default is to export to localhost; we export only if configured. */
function tracingIn(given: Variables): { tracing?: TracingConfig } {
  const isMeant =
    given.OTEL_TRACES_EXPORTER === "otlp" || [given.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, given.OTEL_EXPORTER_OTLP_ENDPOINT].some(Boolean);
  if (!isMeant || given.OTEL_SDK_DISABLED === "true" || given.OTEL_TRACES_EXPORTER === "none") return {};
  const protocol = given.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? given.OTEL_EXPORTER_OTLP_PROTOCOL;
  return { tracing: { protocol: protocol === "http/json" ? "http/json" : "http/protobuf" } };
}

/** All of it or nothing: headers of an unknown peer, or at an unknown address, prove nothing. */
function proxyIn(given: Variables): Pick<Config, "proxy"> {
  const {
    SENTIENT_PROXY_USER_HEADER: userHeader,
    SENTIENT_PROXY_ROLES_HEADER: rolesHeader,
    SENTIENT_PROXY_ADDRESSES,
    SENTIENT_PUBLIC_URL,
  } = given;
  const addresses = listOf(SENTIENT_PROXY_ADDRESSES);
  const needed = {
    SENTIENT_PROXY_USER_HEADER: userHeader,
    SENTIENT_PROXY_ROLES_HEADER: rolesHeader,
    SENTIENT_PROXY_ADDRESSES: addresses[0],
  };
  if (Object.values(needed).every((value) => value === undefined)) return {};
  const missing = Object.entries({ ...needed, SENTIENT_PUBLIC_URL }).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length > 0 || userHeader === undefined || rolesHeader === undefined)
    throw new SentientError("BAD_CONFIG", `sign-in by a proxy also needs ${missing.join(", ")}`);
  return { proxy: { userHeader, rolesHeader, addresses } };
}

/** A URL without trailing slashes, so paths can be appended. */
export const bare = (address: string): string => address.replace(/\/+$/, "");

/** Parses a comma-separated list. */
const listOf = (text = ""): string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
