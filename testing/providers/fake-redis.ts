import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

export interface FakeRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers INFO and CONFIG like a Redis, and nothing else. Without a policy CONFIG is refused, as on hosted servers. */
export async function openFakeRedis(policy: string | undefined): Promise<FakeRedis> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      for (const words of commandsIn(data.toString())) socket.write(answerTo(words, policy));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, // A listening server has a port.
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// --- internal ---

/** Commands in the wire format: `*2`, `$4`, `INFO`, `$6`, `server`. */
const commandsIn = (text: string): string[][] =>
  text
    .split(/^\*\d+\r\n/m)
    .filter((part) => part !== "")
    .map((part) => part.split("\r\n").filter((line) => line !== "" && !line.startsWith("$")));

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

function answerTo([command = ""]: readonly string[], policy: string | undefined): string {
  if (command.toLowerCase() === "info") return bulk("redis_version:7.2.4\r\nloading:0\r\n");
  if (command.toLowerCase() !== "config") return "+OK\r\n";
  return policy === undefined ? "-ERR unknown command 'CONFIG'\r\n" : `*2\r\n${bulk("maxmemory-policy")}${bulk(policy)}`;
}
