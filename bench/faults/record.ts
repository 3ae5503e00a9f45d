import pg from "pg";

/** The record of a service, read from beside it, also while its server comes and goes. */
export class Recorded {
  private readonly pool: pg.Pool;

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: 3, options: "-c search_path=sentient" });
    this.pool.on("error", () => {});
    this.pool.on("connect", (client) => client.on("error", () => {}));
  }

  /** Tries again for a while: our own connection may be among those that were cut. */
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

  /** One text for each row. */
  async texts(sql: string, params: unknown[] = []): Promise<string[]> {
    return (await this.rows<Record<string, unknown>>(sql, params)).map((row) => Object.values(row).map(String).join(" "));
  }

  /** Signals that wait to be decided, and deliveries without an end. */
  open(): Promise<number> {
    return this.count("select (select count(*) from inbox) + (select count(*) from deliveries where status in ('reserved', 'sending'))");
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
