import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Policy } from "../domain/entities/policy.ts";
import { aSignal } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { KNOWN_LANGUAGES } from "./languages.ts";
import { wordsIn } from "./words.ts";

// The same examples and the same texts in several languages: what stems and stop words are worth.

const EXAMPLES = {
  wants_to_cancel: {
    en: ["I want to cancel my contract", "please cancel my plan at the end of the month", "how do I end my contract"],
    de: ["ich möchte meinen Vertrag kündigen", "bitte kündigen Sie meinen Tarif zum Monatsende", "wie kann ich meinen Vertrag beenden"],
    fr: ["je veux résilier mon contrat", "merci de résilier mon forfait à la fin du mois", "comment mettre fin à mon contrat"],
    es: ["quiero cancelar mi contrato", "por favor cancelen mi tarifa a final de mes", "cómo puedo terminar mi contrato"],
  },
  complains: {
    en: ["I want to complain about your service", "I have called three times and nobody helps", "the connection drops every day"],
    de: [
      "ich möchte mich über Ihren Service beschweren",
      "ich habe dreimal angerufen und niemand hilft",
      "die Verbindung bricht jeden Tag ab",
    ],
    fr: ["je veux me plaindre de votre service", "j'ai appelé trois fois et personne ne m'aide", "la connexion se coupe tous les jours"],
    es: ["quiero quejarme de su servicio", "he llamado tres veces y nadie me ayuda", "la conexión se corta todos los días"],
  },
  asks_about_bill: {
    en: ["why is my bill so high", "I do not understand this charge on my invoice", "there is a mistake in my bill"],
    de: ["warum ist meine Rechnung so hoch", "ich verstehe diese Gebühr auf der Rechnung nicht", "auf der Rechnung ist ein Fehler"],
    fr: ["pourquoi ma facture est-elle si élevée", "je ne comprends pas ces frais sur la facture", "il y a une erreur sur ma facture"],
    es: ["por qué es tan alta mi factura", "no entiendo este cargo en la factura", "hay un error en mi factura"],
  },
  moves_house: {
    en: ["I am moving, please change my address", "we moved house last week", "here is my new address"],
    de: ["ich ziehe um, bitte ändern Sie meine Adresse", "wir sind letzte Woche umgezogen", "hier ist meine neue Anschrift"],
    fr: ["je déménage, merci de changer mon adresse", "nous avons déménagé la semaine dernière", "voici ma nouvelle adresse"],
    es: ["me mudo, por favor cambien mi dirección", "nos mudamos la semana pasada", "aquí está mi nueva dirección"],
  },
} as const;

/** The moment that is meant, and the text in English, German, French and Spanish. */
const TEXTS: readonly (readonly [keyof typeof EXAMPLES | undefined, string, string, string, string])[] = [
  [
    "wants_to_cancel",
    "I would like to cancel the contract",
    "Ich würde gerne den Vertrag kündigen",
    "Je voudrais résilier le contrat",
    "Me gustaría cancelar el contrato",
  ],
  [
    "wants_to_cancel",
    "cancelling my plan, please confirm",
    "Hiermit kündige ich meinen Tarif, bitte bestätigen",
    "Par la présente je résilie mon forfait, merci de confirmer",
    "Por la presente cancelo mi tarifa, por favor confirmen",
  ],
  [
    "wants_to_cancel",
    "when can I end this contract",
    "Wann kann ich diesen Vertrag beenden",
    "Quand est-ce que je peux mettre fin à ce contrat",
    "Cuándo puedo terminar este contrato",
  ],
  [
    "wants_to_cancel",
    "My contract was to be cancelled in March",
    "Mein Vertrag sollte im März gekündigt werden",
    "Mon contrat devait être résilié en mars",
    "Mi contrato debía ser cancelado en marzo",
  ],
  [
    "complains",
    "I am going to complain, your service is bad",
    "Ich werde mich beschweren, Ihr Service ist schlecht",
    "Je vais me plaindre, votre service est mauvais",
    "Voy a quejarme, su servicio es malo",
  ],
  [
    "complains",
    "nobody has helped me although I call every day",
    "Niemand hat mir geholfen, obwohl ich jeden Tag anrufe",
    "Personne ne m'a aidé alors que j'appelle tous les jours",
    "Nadie me ha ayudado aunque llamo todos los días",
  ],
  [
    "complains",
    "the connection dropped again today",
    "Die Verbindung ist heute wieder abgebrochen",
    "La connexion s'est encore coupée aujourd'hui",
    "La conexión se ha cortado otra vez hoy",
  ],
  ["complains", "This is a complaint", "Das ist eine Beschwerde", "C'est une plainte", "Esto es una queja"],
  [
    "asks_about_bill",
    "my bills are much too high",
    "Meine Rechnungen sind viel zu hoch",
    "Mes factures sont beaucoup trop élevées",
    "Mis facturas son demasiado altas",
  ],
  [
    "asks_about_bill",
    "what are these charges on the invoice",
    "Was sind das für Gebühren auf der Rechnung",
    "Que sont ces frais sur la facture",
    "Qué son estos cargos en la factura",
  ],
  [
    "asks_about_bill",
    "the bill is wrong, there are two mistakes",
    "Die Rechnung stimmt nicht, da sind zwei Fehler",
    "La facture est fausse, il y a deux erreurs",
    "La factura está mal, hay dos errores",
  ],
  [
    "asks_about_bill",
    "Please explain the invoice",
    "Bitte erklären Sie mir den Rechnungsbetrag",
    "Merci de m'expliquer la facturation",
    "Por favor explíquenme la facturación",
  ],
  [
    "moves_house",
    "we are moving to another house",
    "Wir ziehen in ein anderes Haus",
    "Nous déménageons dans une autre maison",
    "Nos mudamos a otra casa",
  ],
  [
    "moves_house",
    "please update the address you have",
    "Bitte aktualisieren Sie die Adresse",
    "Merci de mettre à jour l'adresse",
    "Por favor actualicen la dirección",
  ],
  ["moves_house", "my address has changed", "Meine Adresse hat sich geändert", "Mon adresse a changé", "Mi dirección ha cambiado"],
  [
    "moves_house",
    "After our move letters go to the old address",
    "Nach unserem Umzug geht die Post an die alte Adresse",
    "Après notre déménagement le courrier va à l'ancienne adresse",
    "Después de nuestra mudanza el correo va a la dirección antigua",
  ],
  [
    undefined,
    "do you have a shop in the city centre",
    "Haben Sie ein Geschäft in der Innenstadt",
    "Avez-vous un magasin dans le centre-ville",
    "Tienen una tienda en el centro",
  ],
  [
    undefined,
    "thank you very much and have a nice day",
    "Vielen Dank und einen schönen Tag",
    "Merci beaucoup et bonne journée",
    "Muchas gracias y que tengan un buen día",
  ],
  [
    undefined,
    "which phone has the best camera",
    "Welches Handy hat die beste Kamera",
    "Quel téléphone a le meilleur appareil photo",
    "Qué teléfono tiene la mejor cámara",
  ],
  [
    undefined,
    "can I use my card in Switzerland",
    "Kann ich meine Karte in der Schweiz benutzen",
    "Puis-je utiliser ma carte en Suisse",
    "Puedo usar mi tarjeta en Suiza",
  ],
];

const LANGUAGES = ["en", "de", "fr", "es"] as const;
type Language = (typeof LANGUAGES)[number];

const workspace = (languages: readonly Language[], more: object = {}, brand: readonly string[] = languages): Policy => {
  const moments = Object.entries(EXAMPLES).map(([name, examples]) => {
    const says = languages.flatMap((language) => [...examples[language]]);
    return [name, { on: "message.received", expires: "2d", says }];
  });
  const named = brand.length > 0 ? `brand: {languages: ${JSON.stringify(brand)}}\n` : "";
  return policyOf(`${named}moments: ${JSON.stringify({ ...Object.fromEntries(moments), ...more })}`, []);
};

const opened = (policy: Policy, text: string): string[] =>
  policy.classify(aSignal("message.received", { text }))?.map(({ name }) => name) ?? [];

function countRight(language: Language, examples: readonly Language[] = [language], brand: readonly string[] = examples): number {
  const policy = workspace(examples, {}, brand);
  return TEXTS.filter(([moment, ...texts]) => opened(policy, texts[LANGUAGES.indexOf(language)] ?? "").join() === (moment ?? "")).length;
}

const page = readFileSync(join(import.meta.dirname, "..", "docs", "intents.md"), "utf8").replaceAll(/\s+/g, " ");

const NAMES = { en: "English", de: "German", fr: "French", es: "Spanish" };

test.each(LANGUAGES)(
  "W19: docs/intents.md states how many of the same texts are understood, with %s in brand.languages and without",
  (language) => {
    expect(page).toContain(`| ${NAMES[language]} | ${countRight(language)} of ${TEXTS.length} | ${countRight(language, [language], [])} |`);
  },
);

describe("the words of a language that brand.languages names", () => {
  const stemsOf = (tag: string, text: string) =>
    wordsIn([tag])
      .of(text)
      .map(({ stem }) => stem);

  test.each([
    ["de", "kündigen Kündigung kündige", "kundig"],
    ["de-AT", "Rechnung Rechnungen", "rechnung"],
    ["fr", "facture factures", "factur"],
    ["es-MX", "cancelar cancelen cancelación", "cancel"],
    ["en", "bills bill", "bill"],
  ])("of %s have one stem: %s", (tag, text, stem) => {
    expect(new Set(stemsOf(tag, text))).toEqual(new Set([stem]));
  });

  test("say little where every text has them", () => {
    const weights = (tag: string, text: string) =>
      wordsIn([tag])
        .of(text)
        .map(({ weight }) => weight);
    expect(weights("de", "die Rechnung")).toEqual([0.25, 1]);
    expect(weights("en", "die Rechnung")).toEqual([1, 1]);
    expect(weights("fr", "l'abonnement")).toEqual([0.25, 1]);
  });

  test("are known of every language that the table names", () => {
    for (const tag of KNOWN_LANGUAGES) expect(wordsIn([tag]).of("a b").length).toBe(2);
    expect(KNOWN_LANGUAGES.filter((tag) => wordsIn([tag]).of("zzz")[0]?.stem === undefined)).toEqual([]);
    expect(page).toContain(`\`${KNOWN_LANGUAGES.join("`, `")}\``);
  });

  test("are bare ones in a language that is not known, and in none that is no language", () => {
    expect(stemsOf("ja", "bills どこ")).toEqual(["bills", "どこ"]);
    expect(stemsOf("../x", "bills")).toEqual(["bills"]);
    expect(stemsOf("constructor", "bills")).toEqual(["bills"]);
  });

  test("are read in the language of the text where there are several, in the first where that is open", () => {
    const { of } = wordsIn(["en", "de"]);
    expect(of("ich habe die Kündigungen").at(-1)?.stem).toBe("kundig");
    expect(of("I have the bills").at(-1)?.stem).toBe("bill");
    expect(of("Kündigungen").at(-1)?.stem).toBe("kündigungen".replace(/s$/, ""));
  });

  test("join clauses, and deny", () => {
    const { clausesOf, isNegated } = wordsIn(["de"]);
    expect(clausesOf("ich bin umgezogen und möchte kündigen")).toEqual(["ich bin umgezogen", "möchte kündigen"]);
    expect(isNegated("bitte nicht kündigen")).toBe(true);
    expect(isNegated("no contract")).toBe(false);
  });
});

test("W19: examples in both languages side by side understand as many texts of each", () => {
  expect(countRight("en", ["en", "de"])).toBeGreaterThanOrEqual(countRight("en"));
  expect(countRight("de", ["en", "de"])).toBeGreaterThanOrEqual(countRight("de"));
});

describe("W19: a text that says not to do something", () => {
  const keeps = ["please do not cancel my contract", "do not cancel, I want to keep my plan", "I take back my cancellation"];
  const counter = { wants_to_stay: { on: "message.received", expires: "2d", says: keeps } };
  const text = "Please don't cancel my contract";

  test("opens the moment that its words name, where nothing else is known", () => {
    expect(opened(workspace(["en"]), text)).toEqual(["wants_to_cancel"]);
  });

  test("opens a moment of its own, where counter-examples are given", () => {
    expect(opened(workspace(["en"], counter), text)).toEqual(["wants_to_stay"]);
    expect(opened(workspace(["en"], counter), "Please cancel my contract")).toEqual(["wants_to_cancel"]);
  });
});
