import { type Started, startSentient } from "../../testing/process.ts";

/** The processes of a service under supervision: a process that ends is restarted. */
export class Processes {
  /** Processes that ended without a kill, after they were working. */
  readonly unexpectedExits: string[] = [];
  /** Kills, with the time in milliseconds since the epoch. */
  readonly kills: { readonly name: string; readonly at: number }[] = [];
  /** Starts that failed because a server was down. */
  failedStarts = 0;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly dir: string;
  private readonly running = new Map<string, Started>();
  /** Log lines, by process name and number of the start. */
  readonly logs = new Map<string, readonly string[]>();
  private readonly starts = new Map<string, number>();
  private port = 0;
  private isStopping = false;

  constructor(environment: Readonly<Record<string, string>>, dir: string) {
    this.environment = environment;
    this.dir = dir;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server, then the workers; resolves when all are working. */
  async start(workers: readonly string[]): Promise<void> {
    await this.keep("server");
    await Promise.all(workers.map((name) => this.keep(name)));
  }

  /** `kill -9`; the process is restarted at once. */
  kill(name: string): void {
    const one = this.running.get(name);
    if (one?.process.exitCode !== null || one.process.signalCode !== null) return;
    this.kills.push({ name, at: Date.now() });
    one.kill("SIGKILL");
  }

  /** The last log lines of each process. */
  lastLines(count: number): string[] {
    const latest = [...this.running].map(([name, { lines }]) => [name, lines] as const);
    return latest.flatMap(([name, lines]) => lines.slice(-count).map((line) => `${name}: ${line.slice(0, 300)}`));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    for (const one of this.running.values()) one.kill("SIGKILL");
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
  }

  private async keep(name: string): Promise<void> {
    const isServer = name === "server";
    const one = startSentient(isServer ? ["serve", "--port", String(this.port)] : ["worker"], this.environment, this.dir);
    this.running.set(name, one);
    const number = (this.starts.get(name) ?? 0) + 1;
    this.starts.set(name, number);
    this.logs.set(`${name} ${number}`, one.lines);
    let isWorking = false;
    const working = one.line(isServer ? /^listening at http:\/\/127\.0\.0\.1:(\d+)/ : /"message":"working"/).then(([, port]) => {
      isWorking = true;
      if (port !== undefined) this.port = Number(port);
    });
    void one.ended.then((status) => this.ended(name, status, isWorking));
    await working.catch(() => {});
  }

  private ended(name: string, status: number | string, wasWorking: boolean): void {
    if (this.isStopping) return;
    if (status !== "SIGKILL" && wasWorking) this.unexpectedExits.push(`${name} with ${status}: ${this.lastLines(2).join(" | ")}`);
    if (status !== "SIGKILL" && !wasWorking) this.failedStarts++;
    // A failed start is delayed: the server that it needs is still down.
    setTimeout(() => void (this.isStopping || this.keep(name)), status === "SIGKILL" ? 0 : 500);
  }
}
