import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SECRET = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;

/** Writes a workspace to a temporary folder: settings, and experiences by id. */
export function writeWorkspace(settings: string, experiences: Readonly<Record<string, string>>): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "sentient-faults-"));
  mkdirSync(join(dir, "experiences"));
  writeFileSync(join(dir, "sentient.yaml"), `version: 1\nname: Faults\ntimezone: UTC\ndepartments: [sales]\n${settings}`);
  for (const [id, text] of Object.entries(experiences))
    writeFileSync(join(dir, "experiences", `${id}.yaml`), `id: ${id}\nname: ${id}\nstatus: approved\ndepartment: sales\n${text}\n`);
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A signed webhook channel to a local URL. */
export const hookTo = (url: string): string => `{kind: webhook, address: none, url: "${url}", secret: "${SECRET}", allowPrivate: true}`;
