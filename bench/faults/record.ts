import pg from "pg";

/** The record of a service, read by a separate connection, also across restarts of its database. */
export class Recorded {
  private readonly pool: pg.Pool;

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: 3, options: "-c search_path=sentient" });
    this.pool.on("error", () => {});
    this.pool.on("connect", (client) => client.on("error", () => {}));
  }

  /** Retries for a while: our own connection may be among those that were dropped. */
  async rows<Row extends object>(sql: string, params: unknown[] = []): Promise<Row[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        return (await this.pool.query<Row>(sql, params)).rows;
      } catch (error) {
        if (attempt === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  async count(sql: string): Promise<number> {
    const [row] = await this.rows<Record<string, string>>(sql);
    return Number(Object.values(row ?? {})[0] ?? 0);
  }

  /** The rows, each as one text. */
  async texts(sql: string, params: unknown[] = []): Promise<string[]> {
    return (await this.rows<Record<string, unknown>>(sql, params)).map((row) => Object.values(row).map(String).join(" "));
  }

  /** Number of pending signals and unsettled deliveries. */
  open(): Promise<number> {
    return this.count(
      "select (select count(*) from inbox) + (select count(*) from deliveries where status in ('reserved', 'sending') and asked is null)",
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
