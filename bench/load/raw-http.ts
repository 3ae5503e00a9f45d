// A minimal HTTP/1.1 on bare sockets for the load generator and the sink, so measuring costs little CPU time.
import { connect, type Socket } from "node:net";

/** Reads consecutive messages with a `content-length`: the start line with the headers, and the body. */
export function readMessages(socket: Socket, onMessage: (head: string, body: string) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const end = held.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = held.toString("latin1", 0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const whole = end + 4 + length;
      if (held.length < whole) return;
      const body = held.toString("utf8", end + 4, whole);
      held = held.subarray(whole);
      onMessage(head, body);
    }
  });
}

export interface ClientsOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Called with the status of each response. */
  readonly onStatus?: (status: number) => void;
}

type OnAnswer = (status: number, body: string) => void;

/** Keep-alive connections with one request at a time; requests queue while all are busy. */
export interface Clients {
  post(body: string, onAnswer?: OnAnswer): void;
  close(): void;
}

export function connectClients(url: URL, count: number, { headers, onStatus = () => {} }: ClientsOptions): Clients {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${url.pathname} HTTP/1.1\r\n${lines.join("")}content-length: `;
  const idle: Socket[] = [];
  const waiting: (readonly [body: string, onAnswer: OnAnswer])[] = [];
  const answering = new Map<Socket, OnAnswer>();
  let first = 0;
  const send = (socket: Socket, body: string, onAnswer: OnAnswer): void => {
    answering.set(socket, onAnswer);
    socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    // A lost signal is counted as missing.
    socket.on("error", () => {});
    const isFree = (): void => {
      const next = waiting[first];
      if (next === undefined) idle.push(socket);
      else {
        first++;
        send(socket, ...next);
        if (first > 1_000) {
          waiting.splice(0, first);
          first = 0;
        }
      }
    };
    socket.on("connect", isFree);
    readMessages(socket, (answer, body) => {
      const status = Number(answer.slice(9, 12));
      onStatus(status);
      answering.get(socket)?.(status, body);
      isFree();
    });
    return socket;
  });
  return {
    post(body, onAnswer = () => {}) {
      // The longest idle one first: a server closes connections that are idle for seconds.
      const socket = idle.shift();
      if (socket) send(socket, body, onAnswer);
      else waiting.push([body, onAnswer]);
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
