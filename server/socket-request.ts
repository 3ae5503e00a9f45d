import type { IncomingMessage } from "node:http";
import { declaredBytes, tooLarge } from "./body.ts";
import type { HttpRequest } from "./http-request.ts";

/** A request of Node's HTTP server, read without a Fetch request around it. It has neither path parameters nor a query. */
export class SocketRequest implements HttpRequest {
  readonly params = NONE;
  readonly query = NONE;
  readonly headers: SocketHeaders;
  private readonly incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
    this.headers = new SocketHeaders(incoming.rawHeaders);
  }

  get method(): string {
    return this.incoming.method ?? "";
  }

  get url(): string {
    return `http://${this.headers.get("host")}${this.incoming.url}`;
  }

  get address(): string {
    return this.incoming.socket.remoteAddress ?? "";
  }

  async read(most: number): Promise<Uint8Array> {
    const declared = declaredBytes(this);
    if (declared > most) throw tooLarge(most);
    // The parser tells of a head before it looks at what came with it: after this, a small body is there as a whole.
    await undefined;
    const { incoming } = this;
    const isThere = declared > 0 && incoming.readableLength === declared && !incoming.destroyed;
    return isThere ? (incoming.read() as Buffer) : collected(incoming, most);
  }
}

// --- internal ---

const NONE: Readonly<Record<string, string>> = {};

/** Headers by name as Fetch gives them, found in the list that the parser made. */
class SocketHeaders implements Iterable<[string, string]> {
  /** Names and values in turns. */
  private readonly raw: readonly string[];

  constructor(raw: readonly string[]) {
    this.raw = raw;
  }

  get(name: string): string | null {
    let found: string | null = null;
    for (let index = 0; index < this.raw.length; index += 2) {
      const one = this.raw[index] ?? "";
      if (one.length !== name.length || one.toLowerCase() !== name) continue;
      const value = this.raw[index + 1] ?? "";
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    const headers = new Headers();
    for (let index = 0; index < this.raw.length; index += 2) headers.append(this.raw[index] ?? "", this.raw[index + 1] ?? "");
    yield* headers;
  }
}

/** The whole body. Node enforces a declared length. */
function collected(incoming: IncomingMessage, most: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const over = (): void => {
      incoming.off("data", onData).off("end", onEnd).off("close", onClose);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= most) return;
      over();
      incoming.pause();
      reject(tooLarge(most));
    };
    const onEnd = (): void => {
      over();
      const [first] = chunks;
      resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks));
    };
    const onClose = (): void => {
      over();
      reject(new Error("the connection was closed"));
    };
    if (incoming.destroyed) return onClose();
    incoming.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}
