// HTTP/1.1 as far as a load generator and a sink need it, on bare sockets: what measures should cost little beside what is measured.
import { connect, type Socket } from "node:net";

/** Reads messages with a `content-length`, one after the other: the first line with the headers, and the body. */
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
  /** Told of the status of each answer. */
  readonly onStatus: (status: number) => void;
}

/** Connections that stay open, each with one request at a time; what comes while all are busy waits its turn. */
export interface Clients {
  post(body: string): void;
  close(): void;
}

export function connectClients(url: URL, count: number, { headers, onStatus }: ClientsOptions): Clients {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${url.pathname} HTTP/1.1\r\n${lines.join("")}content-length: `;
  const idle: Socket[] = [];
  const waiting: string[] = [];
  let first = 0;
  const send = (socket: Socket, body: string): void => void socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    // What is lost shows as missing.
    socket.on("error", () => {});
    const isFree = (): void => {
      const body = waiting[first];
      if (body === undefined) idle.push(socket);
      else {
        first++;
        send(socket, body);
        if (first > 1_000) {
          waiting.splice(0, first);
          first = 0;
        }
      }
    };
    socket.on("connect", isFree);
    readMessages(socket, (answer) => {
      onStatus(Number(answer.slice(9, 12)));
      isFree();
    });
    return socket;
  });
  return {
    post(body) {
      // The one that has rested longest: a server closes those that rest for seconds.
      const socket = idle.shift();
      if (socket) send(socket, body);
      else waiting.push(body);
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
