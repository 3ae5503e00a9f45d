export type ConsentWord = "stop" | "start";

/**
 * The opt-out or opt-in keyword of a message that contains nothing else: carriers honour these keywords in any case, with any
 * spaces and punctuation around them. A sentence around such a word ("stop texting me") is for a human to read.
 */
export function consentWordIn(text: string): ConsentWord | undefined {
  if (text.length > LONGEST) return undefined;
  const word = plain(text);
  if (STOP.has(word)) return "stop";
  return START.has(word) ? "start" : undefined;
}

// --- internal ---

/** Longer texts are not a single keyword, with any punctuation. */
const LONGEST = 80;

/** Reduces a text to letters and digits, in one case and without diacritics, so `S.T.O.P!`, ` stop ` and `Arrêt` match. */
const plain = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toUpperCase();

const wordsOf = (...lists: readonly string[]): Set<string> => new Set(lists.flatMap((list) => list.split(", ").map(plain)));

const STOP = wordsOf(
  "STOP, STOP ALL, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPT OUT, OPTOUT, REMOVE ME",
  "ARRET, ARRETER, ARRETEZ, STOP SMS, DESABONNER, DESABONNEMENT, SE DESABONNER, DESINSCRIRE, DESINSCRIPTION",
  "STOPP, ABMELDEN, ABBESTELLEN, ABMELDUNG, KEINE WERBUNG",
  "ALTO, PARAR, PARE, BAJA, DAR DE BAJA, DARSE DE BAJA, CANCELAR, DETENER, SALIR",
  "SAIR, DESCADASTRAR, CANCELAR INSCRICAO",
  "BASTA, FERMA, CANCELLA, CANCELLAMI, ANNULLA, DISISCRIVI, DISISCRIVIMI",
  "STOPPEN, AFMELDEN, UITSCHRIJVEN, OPZEGGEN",
  "STOPPA, AVSLUTA, AVREGISTRERA, AFMELD, AVMELD, STOPP SMS, LOPETA, PERUUTA",
  "REZYGNUJE, WYPISZ, ZATRZYMAJ, ODHLASIT, ZRUSIT, LEIRATKOZAS, DEZABONARE, DEZABONEAZA",
  "IPTAL, DUR, DURDUR, RET, TD",
  "СТОП, ОТПИСАТЬСЯ, ОТПИСКА, ОТМЕНА, ВІДПИСАТИСЯ, ΣΤΟΠ, ΔΙΑΓΡΑΦΗ",
  "停止, 配信停止, ストップ, 解除, 退订, 退訂, 取消, 중지, 정지, 거부, 수신거부, หยุด, रोकें",
  "توقف, إيقاف, إلغاء, الغاء, ايقاف, הסר, הסרה, עצור",
);

/** Only unambiguous opt-in keywords: "yes" may answer any question, and consent must not be inferred. */
const START = wordsOf("START, UNSTOP, OPT IN, OPTIN, RESUBSCRIBE, СТАРТ");
