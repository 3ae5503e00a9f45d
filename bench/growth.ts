import { growthOfExperiences } from "./growth/experiences.ts";
import { growthOfFiles } from "./growth/files.ts";
import { growthOfGoldenRecord } from "./growth/golden-record.ts";
import { growthOfThePast } from "./growth/past.ts";
import { growthOfResponses } from "./growth/responses.ts";

/** Dimensions in which a cost could grow, and is bounded: a table each. */
const dimensions = [growthOfExperiences, growthOfGoldenRecord, growthOfFiles, growthOfThePast, growthOfResponses];

export async function benchGrowth() {
  const tables = [];
  for (const measure of dimensions) tables.push(await measure());
  return tables;
}
