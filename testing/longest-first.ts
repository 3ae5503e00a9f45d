import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Test files that take half a minute and more, longest first. */
const LONGEST: readonly string[] = [
  "bench/kills.int.test.ts",
  "store/store.int.test.ts",
  "testing/browser/hostile.browser.test.ts",
  "runtime/replay.int.test.ts",
  "cli/service.int.test.ts",
  "config/package.int.test.ts",
  "cli/commands/render.int.test.ts",
  "testing/browser/sealed-mail.browser.test.ts",
  "bench/soak.int.test.ts",
  "examples/chain/play.int.test.ts",
  "testing/tutorial.int.test.ts",
  "cli/stopping.int.test.ts",
  "runtime/studio.int.test.ts",
];

/**
 * Order of test files: where no earlier run has measured them, as in a fresh clone, the longest begin first, so that none of them is
 * alone at the end. The others keep vitest's order.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return index < 0 ? LONGEST.length : index;
    };
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
