import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder with a small workspace in which people have work to do, until the tests of the file are over. */
export function garage(): string {
  const folder = writeGarage();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The folder, which the caller removes. */
export function writeGarage(): string {
  const folder = mkdtempSync(join(tmpdir(), "sentient-garage-"));
  mkdirSync(join(folder, "experiences"));
  writeFileSync(join(folder, "sentient.yaml"), SENTIENT);
  for (const [name, text] of Object.entries(EXPERIENCES)) writeFileSync(join(folder, "experiences", name), text);
  return folder;
}

// --- internal ---

const SENTIENT = `
version: 1
name: Corner Garage
timezone: Europe/Berlin
departments: [sales, service]
channels:
  box: {kind: file}
  desk: {kind: human, queue: service}
moments:
  asked: {on: message.received, expires: 3d}
  fleet: {on: fleet.wanted, expires: 14d}
  arrived: {on: arrived, expires: 2d}
promises:
  reply: {due: 24h, owner: service, whileOpen: {suppress: [sales]}}
  callback: {opens: call.wanted, due: 1d, owner: sales}
governance:
  approval: [{when: experience.value > 5000, reason: more than 5000 at stake}]
`;
const EXPERIENCES = {
  "answer.yaml": `
id: answer
name: Answer
status: approved
department: service
serves: [asked]
value: 10
channels: {desk: {summary: "Answer {{ customer.firstName }}", dueIn: 4h}}
`,
  "offer.yaml": `
id: fleet-offer
name: A fleet offer
status: approved
department: sales
serves: [fleet]
value: 9000
channels: {box: {text: "Dear {{ customer.firstName }}, here is our offer."}}
`,
  "welcome.yaml": `
id: welcome
name: Welcome
status: approved
department: service
serves: [arrived]
value: 10
channels: {box: {text: "Welcome, {{ customer.firstName }}."}}
`,
};
