import { packVector, unpackVector } from "../domain/values/vector.ts";
import type { Pool } from "./engines/database.ts";

/** Vectors of examples by an embeddings model, kept by model and hash of the text. */
export interface ExampleVectors {
  load(model: string, hashes: readonly string[]): Promise<Map<string, Float32Array>>;
  /** Keeps vectors. Those that no process has loaded for 90 days go. */
  save(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** Forgets all vectors of a model. */
  forget(model: string): Promise<void>;
  /** The models with the number of their vectors, the most first. */
  models(): Promise<{ readonly model: string; readonly count: number }[]>;
}

export function createExampleVectors(pool: Pool): ExampleVectors {
  return {
    async load(model, hashes) {
      if (hashes.length === 0) return new Map();
      const { rows } = await pool.query<{ text_hash: string; vector: string; is_old: boolean }>(
        `select text_hash, vector, used_at < now() - interval '1 day' as is_old
           from example_vectors where model = $1 and text_hash = any($2::text[])`,
        [model, hashes],
      );
      const old = rows.filter(({ is_old }) => is_old).map(({ text_hash }) => text_hash);
      if (old.length > 0)
        await pool.query("update example_vectors set used_at = now() where model = $1 and text_hash = any($2::text[])", [model, old]);
      return new Map(rows.map(({ text_hash, vector }) => [text_hash, unpackVector(vector)]));
    },
    async save(model, vectors) {
      await pool.query(
        `insert into example_vectors (model, text_hash, vector, used_at)
         select $1, x.hash, x.vector, now() from unnest($2::text[], $3::text[]) as x(hash, vector)
         on conflict (model, text_hash) do update set vector = excluded.vector, used_at = excluded.used_at`,
        [model, [...vectors.keys()], [...vectors.values()].map(packVector)],
      );
      await pool.query("delete from example_vectors where used_at < now() - interval '90 days'");
    },
    async forget(model) {
      await pool.query("delete from example_vectors where model = $1", [model]);
    },
    async models() {
      const { rows } = await pool.query<{ model: string; count: number }>(
        "select model, count(*)::float8 as count from example_vectors group by model order by 2 desc, 1",
      );
      return rows;
    },
  };
}
