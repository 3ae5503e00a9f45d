import type { StoryGhost, StoryItem } from "../../../domain/story/story-item.ts";
import { RECORDED } from "../../values/marks.ts";
import { count, counted } from "../../values/numbers.ts";

/** The picture of a story in a sentence. */
export function storyInWords(items: readonly StoryItem[], ghosts: readonly StoryGhost[], isAlone: boolean): string {
  const of = (mark: StoryItem["mark"]): number => items.filter((item) => item.mark === mark).length;
  const recorded = items.filter(({ mark, status }) => mark === "sent" && status === RECORDED).length;
  const sent = of("sent") - recorded;
  const looks = items.reduce((sum, { mark, looks: n = 1 }) => sum + (mark === "silent" ? n : 0), 0);
  const held = items.reduce((sum, item) => sum + (item.held?.length ?? 0) + (item.mark === "held" ? 1 : 0), 0);
  const unsent = ghosts.filter(({ sentAt }) => sentAt === undefined).length;
  const parts = [
    ...(sent > 0 || recorded === 0 ? [`${counted(sent, "message")} sent`] : []),
    ...(recorded > 0 ? [`${counted(recorded, "message")} recorded but not sent`] : []),
    `${count(held)} held back`,
    counted(looks, "silent look"),
    ...(of("failed") > 0 ? [`${counted(of("failed"), "failure")}`] : []),
  ];
  const alone = isAlone ? ` Each department alone would have sent ${counted(unsent, "message")} more.` : "";
  return `${parts.join(", ")}. Time runs down; a column for each department.${alone}`;
}
