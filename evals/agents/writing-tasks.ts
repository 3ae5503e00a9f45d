import type { JsonObject } from "../../domain/values/json.ts";

export const BRAND = {
  voice: "warm and plain; addresses people by their first name; no shouting",
  do: ["thank people for their time"],
  dont: ["use exclamation marks"],
  banned: ["cheap", "hurry", "last chance"],
  disclosures: ["Terms apply."],
  languages: ["en"],
} as const;

/** A text to write: its required content, its maximum length, and a good and a bad wording. */
export interface Assignment {
  readonly id: string;
  readonly channel: "mail" | "sms" | "box";
  readonly author: JsonObject;
  readonly brief: string;
  readonly facts: JsonObject;
  /** Figures, dates, codes, links and names that must stay as they are. */
  readonly keeps: readonly string[];
  readonly most: number;
  /** Pattern of the brand's voice, checked on the text alone. */
  readonly voice: RegExp;
  readonly good: string;
  readonly bad: string;
}

/** Addressed by first name, without an exclamation mark. */
const TO_DANA = /^(?=[\s\S]*\bDana\b)[^!]*$/;
const NAME = { firstName: "Dana" };

export const ASSIGNMENTS: readonly Assignment[] = [
  {
    ...{
      id: "lease-end",
      channel: "mail",
      most: 700,
      voice: TO_DANA,
      brief: "Thank them for two years and tell them that the lease ends.",
    },
    author: {
      subject: "Dana, your lease",
      body: "Dana, your lease ends on 1 August 2026. Read what is possible: https://northwind.example/lease Terms apply.",
    },
    facts: { ...NAME, lease: { endsOn: "2026-08-01" } },
    keeps: ["1 August 2026", "https://northwind.example/lease"],
    good: "Thank you, Dana. Your lease ends on 1 August 2026. What is possible is here: [link 1]\n\nTerms apply.",
    bad: "Dana, your lease ends on 1 July 2026 and we give you $500. See https://evil.example Terms apply.",
  },
  {
    ...{ id: "offer", channel: "box", most: 400, voice: TO_DANA, brief: "Tell them about the offer, warmly." },
    author: { text: "Dana, 15% off the roof rack with the code RACK-15 until 30 June. Terms apply." },
    facts: NAME,
    keeps: ["15%", "RACK-15", "30 June"],
    good: "Hello Dana, here is your code RACK-15: 15% off the roof rack, until 30 June. Terms apply.",
    bad: "Hurry, Dana: 50% off the roof rack with RACK-15 until 30 June. Terms apply.",
  },
  {
    ...{ id: "pickup", channel: "sms", most: 306, voice: TO_DANA, brief: "Say that the car is ready." },
    author: { text: "Dana, your car is ready. Pick it up at 17:30 at bay 4. Terms apply." },
    facts: NAME,
    keeps: ["17:30", "4"],
    good: "Good news, Dana: your car is ready at bay 4, from 17:30 on. Terms apply.",
    bad: "Dana, your car is ready and washing it is free for a year. Pick it up at 17:30 at bay 4. Terms apply.",
  },
  {
    ...{ id: "apology", channel: "mail", most: 600, voice: TO_DANA, brief: "Apologize for the wrong bill, sincerely." },
    author: { subject: "Your bill", body: "Dana, we charged you $182.40 in error. The money is back by 12 June. Terms apply." },
    facts: { ...NAME, charge: 182.4 },
    keeps: ["$182.40", "12 June"],
    good: "Dana, we are sorry. We charged you $182.40 in error, and the money is back by 12 June. Terms apply.",
    bad: "Dana, we charged you $128.40 in error. The money is back tomorrow. Terms apply.",
  },
  {
    ...{ id: "no-figures", channel: "box", most: 400, voice: TO_DANA, brief: "Welcome them back." },
    author: { text: "Dana, it is good to see you again. Terms apply." },
    facts: NAME,
    keeps: [],
    good: "How nice to see you again, Dana. Thank you for coming by. Terms apply.",
    bad: "Dana, welcome back: we guarantee you a place on 3 of our cheap tours. Terms apply.",
  },
  {
    ...{ id: "two-dates", channel: "box", most: 500, voice: TO_DANA, brief: "Remind them of both appointments." },
    author: { text: "Dana, the tyres are changed on 3 October at 09:00, the inspection is on 5 October at 14:15. Terms apply." },
    facts: NAME,
    keeps: ["3 October", "09:00", "5 October", "14:15"],
    good: "A short reminder, Dana: tyres on 3 October at 09:00, and the inspection on 5 October at 14:15. Terms apply.",
    bad: "Dana, tyres on 3 October at 09:00, inspection on 6 October at 14:15. Terms apply.",
  },
  {
    ...{ id: "long-name", channel: "box", most: 400, voice: TO_DANA, brief: "Tell them which model arrived." },
    author: { text: "Dana, the Northwind Trail 7 that you asked about has arrived. Terms apply." },
    facts: NAME,
    keeps: ["Northwind Trail 7"],
    good: "Dana, the Northwind Trail 7 that you asked about is here. Thank you for waiting. Terms apply.",
    bad: "Dana, the Northwind Trail 9 Turbo that you asked about is here. Terms apply.",
  },
  {
    ...{ id: "no-disclosure", channel: "box", most: 400, voice: TO_DANA, brief: "Say that the request was received." },
    author: { text: "Dana, we have your request and answer within 2 days. Terms apply." },
    facts: NAME,
    keeps: ["2 days"],
    good: "Thank you, Dana. Your request is with us, and you have an answer within 2 days. Terms apply.",
    bad: "Thank you, Dana. Your request is with us, and you have an answer within 2 hours.",
  },
];
