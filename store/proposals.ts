import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { type KeptFiles, lockPublications, type NewPublication, publish } from "./versions.ts";

export type ProposalStatus = "open" | "approved" | "rejected";

/** A file of golden decisions that a proposal brings along. */
export interface ProposedEvals {
  readonly file: string;
  readonly text: string;
}

/** Who wrote it: the first has proposed, the others have revised. */
export interface ProposalAuthor {
  readonly by: string;
  readonly at: Instant;
  /** What the proposal was from then on. */
  readonly hash: string;
  /** Whether a key or a session names the person. */
  readonly isVerified: boolean;
}

/** What its authors wrote. */
export interface ProposalContent {
  readonly hash: string;
  readonly experienceId: string;
  readonly experience: string;
  readonly evals: readonly ProposedEvals[];
  readonly because?: string;
  /** Ids of records. */
  readonly evidence: readonly string[];
  /** As the operation that wrote it compares it later. */
  readonly base: JsonObject;
  /** As the operation that wrote it shows it. */
  readonly assessment: JsonObject;
}

export interface ProposalAnswer {
  readonly by: string;
  readonly at: Instant;
  readonly isVerified: boolean;
  readonly because?: string;
  /** The version that was published with it, and as what. */
  readonly policyVersion?: string;
  readonly as?: "canary" | "approved";
}

export interface KeptProposal extends ProposalContent {
  /** Its place in the order of proposals: times may be equal. */
  readonly seq: number;
  readonly proposalId: string;
  readonly status: ProposalStatus;
  readonly authors: readonly ProposalAuthor[];
  readonly answer?: ProposalAnswer;
}

/** A proposal as somebody has read it: of another hash, or another status than open, nothing is changed. */
export interface AsRead {
  readonly proposalId: string;
  readonly hash: string;
}

/** The version in force with its files. */
export interface VersionToChange {
  readonly policyVersion: string;
  readonly files: KeptFiles;
  /** Of these very files: a publication of golden decisions alone changes it, and not the version. */
  readonly mark: string;
}

/** What an approval publishes: over the version under which it was assessed, and no other. */
export interface ApprovedPublication {
  readonly publication: NewPublication;
  readonly entry: AuditEntry;
  readonly base: Pick<VersionToChange, "policyVersion" | "mark">;
  readonly assessment: JsonObject;
}

/** `answered`: it is no longer open, or has changed. `published`: another version is in force by now. In both cases nothing was written. */
export type Answered = "done" | "answered" | "published";

export interface ProposalPage {
  readonly limit: number;
  readonly before?: number | undefined;
  readonly status?: ProposalStatus | undefined;
}

/** Changes of the catalogue that people propose. */
export interface ProposalRecords {
  /** Newest first. */
  list(page: ProposalPage): Promise<KeptProposal[]>;
  /** Those whose ids begin so, at most this many; the exact id first. */
  beginningWith(beginning: string, limit: number): Promise<KeptProposal[]>;
  /** What a proposal is put into; undefined while nothing was published. */
  inForce(): Promise<VersionToChange | undefined>;
  /** Keeps a new one. Of open ones with the same content by the same author there is one: the one that is returned. */
  add(
    proposal: ProposalContent & { readonly proposalId: string; readonly author: ProposalAuthor },
    entry: AuditEntry,
  ): Promise<KeptProposal>;
  /** Replaces what it says; without an author only what is in force beside it has changed, and nothing is noted. False where it is not as it was read. */
  revise(read: AsRead, content: ProposalContent, author: ProposalAuthor | undefined, entry: AuditEntry): Promise<boolean>;
  /** Keeps what was found when it was assessed again. */
  assessed(read: AsRead, assessment: JsonObject): Promise<void>;
  /** False where it is not as it was read. */
  reject(read: AsRead, answer: ProposalAnswer, entry: AuditEntry): Promise<boolean>;
  /** Publishes a version with it and notes its approval, in one transaction. */
  approve(read: AsRead, answer: ProposalAnswer, approved: ApprovedPublication, entry: AuditEntry): Promise<Answered>;
}

export function createProposalRecords(pool: Pool): ProposalRecords {
  return {
    list: ({ limit, before, status }) =>
      read(pool, "($2::bigint is null or seq < $2::bigint) and ($3::text is null or status = $3) order by seq desc limit $1::int", [
        limit,
        before ?? null,
        status ?? null,
      ]),
    beginningWith: (beginning, limit) => read(pool, "starts_with(proposal_id, $1) order by proposal_id limit $2::int", [beginning, limit]),
    add: ({ proposalId, author, ...content }, entry) =>
      transaction(pool, async (db) => {
        // One at a time, so that a request that is sent twice finds what the first one kept.
        await db.query("lock table proposals in share row exclusive mode");
        const [known] = await read(db, "status = 'open' and experience_id = $1 and hash = $2 and authors -> -1 ->> 'by' = $3", [
          content.experienceId,
          content.hash,
          author.by,
        ]);
        if (known) return known;
        await db.query(
          `insert into proposals (proposal_id, status, authors, ${COLUMNS.join(", ")})
           select $1, 'open', $2::jsonb, ${COLUMNS.map((name) => `x.${name}`).join(", ")} from jsonb_to_record($3::jsonb) as x(${TYPES})`,
          [proposalId, storableJson([author]), storableJson(rowOf(content))],
        );
        await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
        const [added] = await read(db, "proposal_id = $1", [proposalId]);
        return added as KeptProposal; // just inserted
      }),
    inForce: () => inForce(pool, "v.files"),
    revise: (asRead, content, author, entry) =>
      transaction(pool, async (db) => {
        const { rowCount } = await db.query(
          `update proposals p set authors = p.authors || $3::jsonb, ${COLUMNS.map((name) => `${name} = x.${name}`).join(", ")}
             from jsonb_to_record($4::jsonb) as x(${TYPES}) where ${AS_READ}`,
          [asRead.proposalId, asRead.hash, storableJson(author ? [author] : []), storableJson(rowOf(content))],
        );
        if (rowCount > 0 && author) await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
        return rowCount > 0;
      }),
    assessed: async ({ proposalId, hash }, assessment) =>
      void (await pool.query(`update proposals p set assessment = $3::jsonb where ${AS_READ}`, [
        ...[proposalId, hash, storableJson(assessment)],
      ])),
    reject: (asRead, answer, entry) => transaction(pool, (db) => answered(db, asRead, "rejected", answer, entry)),
    approve: (asRead, answer, { publication, entry: ofVersion, base, assessment }, entry) =>
      transaction(pool, async (db) => {
        await lockPublications(db);
        const current = await inForce(db, "null");
        if (current?.policyVersion !== base.policyVersion || current.mark !== base.mark) return "published" as const;
        await publish(db, publication, ofVersion, () => true);
        if (!(await answered(db, asRead, "approved", answer, entry))) throw new NotAsRead();
        await db.query("update proposals set assessment = $2::jsonb where proposal_id = $1", [asRead.proposalId, storableJson(assessment)]);
        return "done" as const;
      }).catch((error: unknown) => {
        // Its publication was rolled back with it.
        if (error instanceof NotAsRead) return "answered" as const;
        throw error;
      }),
  };
}

// --- internal ---

async function inForce(db: Queryable, files: "v.files" | "null"): Promise<VersionToChange | undefined> {
  const { rows } = await db.query<VersionToChange>(
    `select v.policy_version as "policyVersion", ${files} as files, md5(v.files::text) as mark
       from (select policy_version from publications where in_force order by seq desc limit 1) p join versions v using (policy_version)`,
  );
  return rows[0];
}

class NotAsRead extends Error {}

const AS_READ = "p.proposal_id = $1 and p.hash = $2 and p.status = 'open'";

async function answered(
  db: Queryable,
  { proposalId, hash }: AsRead,
  status: Exclude<ProposalStatus, "open">,
  answer: ProposalAnswer,
  entry: AuditEntry,
): Promise<boolean> {
  const { rowCount } = await db.query(`update proposals p set status = $3, answer = $4::jsonb where ${AS_READ}`, [
    ...[proposalId, hash, status, storableJson(answer)],
  ]);
  if (rowCount > 0) await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
  return rowCount > 0;
}

const COLUMNS = ["experience_id", "hash", "experience", "evals", "because", "evidence", "base", "assessment"] as const;
const TYPES = "experience_id text, hash text, experience text, evals jsonb, because text, evidence text[], base jsonb, assessment jsonb";

const rowOf = ({ hash, experienceId, experience, evals, because, evidence, base, assessment }: ProposalContent) => ({
  ...{ experience_id: experienceId, hash, experience, evals, because: because ?? null, evidence, base, assessment },
});

interface Row {
  readonly seq: number;
  readonly proposal_id: string;
  readonly experience_id: string;
  readonly status: ProposalStatus;
  readonly hash: string;
  readonly experience: string;
  readonly evals: readonly ProposedEvals[];
  readonly because: string | null;
  readonly evidence: readonly string[];
  readonly authors: readonly ProposalAuthor[];
  readonly base: JsonObject;
  readonly assessment: JsonObject;
  readonly answer: ProposalAnswer | null;
}

async function read(db: Queryable, where: string, params: readonly (Json | undefined)[]): Promise<KeptProposal[]> {
  const { rows } = await db.query<Row>(
    `select seq::float8 as seq, proposal_id, status, authors, answer, ${COLUMNS.join(", ")} from proposals where ${where}`,
    params as unknown[],
  );
  return rows.map(({ proposal_id, experience_id, because, answer, ...row }) => ({
    ...{ ...row, proposalId: proposal_id, experienceId: experience_id },
    ...(because === null ? {} : { because }),
    ...(answer === null ? {} : { answer }),
  }));
}
