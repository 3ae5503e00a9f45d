/** Statements allowed only where the sources make them: promises, offers, money, urgency, days without a date. */
const PROMISES: readonly RegExp[] = [
  // English
  /\bguarantee\w*/giu,
  /\b(?:promis|swear|sworn|pledge|commit)\w*/giu,
  /\bour word\b/giu,
  /\bfree\b(?: of charge)?/giu,
  /\bno (?:cost|charge|fee|obligation)s?\b/giu,
  /\b(?:refund|reimburs|compensat|discount|rebate|waive|bonus|voucher|coupon|gift|prize|cashback|reward|credit|upgrade|replac|repair)\w*/giu,
  /\b(?:entitle|liab|liable|legal|binding|settle|approv|accept|enrol|subscri|consent)\w*/giu,
  /\b(?:deal|deals|claim|claims|member|members|membership|agreed|opted|signed up|expense|expenses|in your favou?r)\b/giu,
  /\b(?:money|cash|sum|sums|bucks|grand|pence|fortune|owe|owed|owes)\b/giu,
  /\b(?:nothing|zero|nil|nought|naught|gratis)\b/giu,
  /(?:\b(?:is|are|be|goes)|['’]s) on (?:us|the house)\b/giu,
  /\b(?:is|are|all) yours\b/giu,
  /\byou(?:(?:'|’)ve| have)? (?:get|got|receive|received|win|won|earn|earned)\b/giu,
  /\byou(?:(?:'|’)ll| will) (?:get|receive|win|earn)\b/giu,
  /\b\p{L}+ times \p{L}+/giu,
  /\brisk[- ]free\b/giu,
  /\b(?:unlimited|lifetime|forever|cheapest|winner|pre-?approved|insured|certified)\b/giu,
  /\b(?:best|lowest|full) (?:price|rate|amount)s?\b/giu,
  /\bwe(?:'|’)?(?:ll| will| shall)(?: \p{L}+){0,3} (?:call|phone|visit|contact|refund|replace|pay|send|ship|deliver|repair|credit|cover|match)\b/giu,
  /\b(?:today|tomorrow|tonight|yesterday)\b/giu,
  /\b(?:this|next|coming) (?:week|weekend|month|year|morning|afternoon|evening|spring|summer|autumn|fall|winter)\b/giu,
  /\b(?:last chance|hurry|act now|limited time|while (?:stocks|supplies) last|ends soon|expires?|only left)\b/giu,
  // German
  /(?<!\p{L})(?:garanti|versprech|verspricht|kostenlos|kostenfrei|rabatt|gutschein|erstatt|geschenk|prämie|unbegrenzt|genehmigt|ersetz|ersatz|verbindlich|anspruch|gutschrift|gewonnen)\p{L}*/giu,
  /(?<!\p{L})(?:gratis|umsonst|heute|morgen|gestern|unverbindlich|geld|nichts|letzte chance|nur noch|gehört ihnen|sie (?:bekommen|erhalten))(?!\p{L})/giu,
  // French and Spanish
  /(?<!\p{L})(?:garant|gratuit|promet|promess|rembours|remise|réduction|cadeau|rempla[cç]|reembols|descuent|promete|promesa|regalo|reemplaz|devolv|devolu)\p{L}*/giu,
  /(?<!\p{L})(?:gratis|aujourd(?:'|’)hui|demain|hoy|mañana|argent|dinero|dernière chance|última oportunidad|vous (?:recevez|avez gagné)|usted recibe|ha ganado)(?!\p{L})/giu,
];

/** Requests to the customer, allowed only where the author makes them: the usual means of phishing. */
const REQUESTS: readonly RegExp[] = [
  /\b(?:log|sign|check)(?:s|ged|ging|ned|ning)?[ -]?(?:in|on|into|onto)\b/giu,
  /\b(?:login|sign-?up|log-?on)\b/giu,
  /\b(?:call|dial|phone|ring|text|whatsapp|telegram|fax|google)(?:s|ed|ing)?\b/giu,
  /\b(?:pay|paid|payment|transfer|wire|remit|deposit|invest)(?:s|ed|ing|red|ring)?\b/giu,
  /\b(?:click|tap|scan|download|install|browse|visit)(?:s|ed|ing|ped|ping|ned|ning|led|ling)?\b/giu,
  /\bsearch (?:for|the)\b/giu,
  /\b(?:write|reply|respond|mail|e-?mail|send|forward) (?:to|us|me|him|her|it|back|this|your)\b/giu,
  /\b(?:password|passcode|pin|otp|card|account|bank|iban|wallet|bitcoin|crypto\w*|identity|credentials)s?\b/giu,
  /(?<!\p{L})(?:anmeld|einlogg|überweis|bezahl|zahlen sie|anruf|rufen sie|klick|herunterlad|passwort|konto|kontonummer|bankverbindung)\p{L}*/giu,
  /(?<!\p{L})(?:connectez|appelez|cliquez|payez|versez|télécharg|compte bancaire|mot de passe|inicie sesión|llame|haga clic|pague|transfiera|descargue|contraseña|cuenta bancaria)\p{L}*/giu,
];

/** Instructions to a machine: stored, such a text would be a prompt injection in every later conversation. */
const ORDERS: readonly RegExp[] = [
  /\b(?:system|assistant|developer)\s*(?:prompt|message|note|:)/giu,
  /\b(?:note|message|instructions?) (?:to|for) (?:the|all|every|any) (?:assistant|model|agent|bot|ai)s?\b/giu,
  /\b(?:prompt|prompts|instruction|instructions|jailbreak|language model)\b/giu,
  /\b(?:ignore|disregard|forget) (?:all|any|every|the|your|previous|prior|everything)\b/giu,
];

/** Claims in a text, also those with letters separated by hyphens. */
export const claimsIn = (text: string): string[] => {
  const joined = text.replace(/(?<=\p{L})[-‐‑‒–](?=\p{L})/gu, "");
  const found = [...PROMISES, ...REQUESTS, ...ORDERS].flatMap((claim) => [text, joined].flatMap((one) => one.match(claim) ?? []));
  return [...new Set(found.map((said) => said.toLowerCase().replaceAll("’", "'")))];
};

/** Whether a text claims authority: approval, verification and urgency are not a model's to state. */
export const speaksForOthers = (text: string): boolean => AUTHORITY.test(text);

const AUTHORITY =
  /\b(?:approv|authori[sz]|verif|managers?\b|supervisor|director|urgent|immediate|genehmig|freigegeben|autoris|approuv|autoriz|aprob)\w*|\bat once\b|\bno (?:check|approval|need)\b|\balready (?:agreed|paid|checked|decided)\b/iu;

/** Rough stem of a word: `refund`, `refunds` and `refunded` are one claim. */
export const stemOf = (word: string): string => (word.length > 4 ? word.replace(/(?:ings?|ed|es|s|e)$/u, "") : word);
