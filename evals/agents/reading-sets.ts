import type { Example } from "../../classifier/classifier.ts";
import { type Dataset, datasetsIn, readDataset } from "../intents/data.ts";
import type { ReadingSet } from "./interpretation.ts";

/** A small set of our own, so that one exists without external data. */
export const OWN_TEXTS: ReadingSet = {
  name: "interpretation/own",
  examples: {
    wants_address_change: ["I moved house", "please update my address", "my new address is below", "we live somewhere else now"],
    wants_return: ["I want to send it back", "how do I return this", "it does not fit, can I give it back", "please refund the jacket"],
    asks_arrival: ["where is my order", "when does my parcel arrive", "has it been shipped yet", "my delivery is late"],
    complains: ["this is unacceptable", "I am very disappointed", "the service was terrible", "nobody answers me"],
  },
  texts: [
    { id: "moved", text: "Hi, we have moved to another house, could you update the address?", label: "wants_address_change" },
    { id: "new-address", text: "Please note my new address for the next delivery.", label: "wants_address_change" },
    { id: "too-small", text: "The shoes do not fit. How can I return them?", label: "wants_return" },
    { id: "refund", text: "I want to give the jacket back and get a refund", label: "wants_return" },
    { id: "where", text: "Where is my parcel? It should have arrived yesterday.", label: "asks_arrival" },
    { id: "shipped", text: "has my order been shipped?", label: "asks_arrival" },
    { id: "terrible", text: "I am really disappointed, the service is terrible.", label: "complains" },
    { id: "nobody", text: "Nobody ever answers. Unacceptable.", label: "complains" },
    { id: "weather", text: "What a lovely spring day it is over here!", label: undefined },
    { id: "jobs", text: "Do you hire students in summer?", label: undefined },
    { id: "newsletter", text: "Thanks for the nice photos in the newsletter", label: undefined },
    { id: "greeting", text: "Good morning", label: undefined },
  ],
};

const LABELS = 10;
const SHOWN = 10;
const TEXTS_A_LABEL = 4;
const OUTSIDE = 20;

/**
 * Subsets of labelled texts, from the folders that `evals:intents` reads: labels in even steps by name, some texts of each as examples,
 * later ones to classify, and out-of-scope texts if the set has any. Deterministic.
 */
export const readingSetsIn = (dir: string): ReadingSet[] => datasetsIn(dir).map((folder) => subsetOf(readDataset(folder)));

// --- internal ---

function subsetOf({ name, train, validation }: Dataset): ReadingSet {
  const labels = everyNth([...new Set(train.inside.map(({ label }) => label))].sort(), LABELS);
  const byLabel = labels.map((label) => ({ label, moment: momentName(label), texts: textsOf(train.inside, label) }));
  return {
    name: `interpretation/${name}`,
    examples: Object.fromEntries(byLabel.map(({ moment, texts }) => [moment, texts.slice(0, SHOWN)])),
    texts: [
      ...byLabel.flatMap(({ label, moment, texts }) =>
        (textsOf(validation.inside, label).length > 0 ? textsOf(validation.inside, label) : texts.slice(SHOWN))
          .slice(0, TEXTS_A_LABEL)
          .map((text, index) => ({ id: `${moment}-${index + 1}`, text, label: moment })),
      ),
      ...validation.outside.slice(0, OUTSIDE).map((text, index) => ({ id: `outside-${index + 1}`, text, label: undefined })),
    ],
  };
}

const textsOf = (examples: readonly Example[], wanted: string): string[] =>
  examples.filter(({ label }) => label === wanted).map(({ text }) => text);

const everyNth = (items: readonly string[], count: number): string[] =>
  items.filter((_, index) => index % Math.max(1, Math.floor(items.length / count)) === 0).slice(0, count);

/** Labels of external sets contain characters that moment names do not allow. */
const momentName = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
