import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on a port of its own that nothing may ever reach. */
export interface Canary {
  /** Its origin, to be put into hostile data. */
  readonly url: string;
  readonly requests: readonly string[];
  /** Connections, also those without a request, such as of `preconnect`. */
  connections(): number;
  close(): Promise<void>;
}

export async function startCanary(): Promise<Canary> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    response.setHeader("access-control-allow-origin", "*").end("window.touched = true");
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
