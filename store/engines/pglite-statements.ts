import { type PGlite, parse, protocol } from "@electric-sql/pglite";

/** The result rows, and the number of rows affected. */
export interface Answer {
  readonly rows: unknown[];
  readonly affectedRows?: number | undefined;
}

/** Runs a single statement. With `begins`, a transaction is begun before it, in the same call into WebAssembly. */
export type Ask = (text: string, values: readonly unknown[], options?: { readonly begins?: boolean }) => Promise<Answer>;

/**
 * Runs parameterised statements as prepared statements, each text planned once a session: in WebAssembly planning costs several
 * times what running does, and PGlite's own `query` plans every time and makes five calls instead of one. The caller must hold the
 * session exclusively.
 */
export function createStatements(pglite: PGlite): Ask {
  const prepared = new Map<string, Prepared>();
  const prepare = async (text: string): Promise<Prepared> => {
    const name = `kept_${++made}`;
    const reply = await pglite.execProtocol(
      joined(serialize.parse({ name, text }), serialize.describe({ type: "S", name }), serialize.sync()),
      {},
    );
    const types = reply.messages.find((message) => message.name === "parameterDescription") as ParameterTypes | undefined;
    return { name, types: types?.dataTypeIDs ?? [], columns: reply.messages.find((message) => message.name === "rowDescription") };
  };
  let made = 0;
  const statementOf = async (text: string): Promise<Prepared> => {
    const known = prepared.get(text);
    const statement = known ?? (await prepare(text));
    // Least recently used first: eviction takes the oldest.
    prepared.delete(text);
    prepared.set(text, statement);
    const [oldest] = prepared.size > MAX_PREPARED ? prepared : [];
    if (oldest) {
      prepared.delete(oldest[0]);
      await pglite.execProtocol(joined(serialize.close({ type: "S", name: oldest[1].name }), serialize.sync()), {});
    }
    return statement;
  };
  return async (text, values, { begins = false } = {}) => {
    const { name, types, columns } = await statementOf(text);
    const begin = begins ? await statementOf("begin") : undefined;
    const bound = values.map((value, index) => asText(value, pglite.serializers[types[index] ?? 0]));
    try {
      const { messages } = await pglite.execProtocol(
        joined(
          ...(begin ? [serialize.bind({ statement: begin.name }), serialize.execute({})] : []),
          serialize.bind({ statement: name, values: bound }),
          serialize.execute({}),
          serialize.sync(),
        ),
        {},
      );
      const own = begin ? messages.slice(messages.findIndex((message) => message.name === "commandComplete") + 1) : messages;
      const all = columns ? [columns, ...own] : own;
      return parse.parseResults(all, pglite.parsers).at(-1) ?? { rows: [] };
    } catch (error) {
      // A plan may be stale after a schema change; the next call prepares it again.
      prepared.delete(text);
      throw error;
    }
  };
}

// --- internal ---

const { serialize } = protocol;

type Message = Awaited<ReturnType<PGlite["execProtocol"]>>["messages"][number];
type ParameterTypes = Message & { readonly dataTypeIDs: readonly number[] };

interface Prepared {
  readonly name: string;
  readonly types: readonly number[];
  readonly columns: Message | undefined;
}

/** More than the number of texts in use; an evicted one is prepared again on its next use. */
const MAX_PREPARED = 400;

type Serializer = PGlite["serializers"][number] | undefined;

const asText = (value: unknown, serializer: Serializer): string | null => {
  if (value === null || value === undefined) return null;
  return serializer ? serializer(value) : String(value);
};

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
