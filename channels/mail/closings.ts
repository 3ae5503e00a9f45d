/*
 * Boilerplate at the end of a mail: the line that a device adds, and the closing formula above a name. Lines come normalised by
 * `asSeen`.
 */

/** Whether a line is added by a mail program, like "Sent from my iPhone". */
export const isSentFrom = (line: string): boolean =>
  line.length <= 160 &&
  (CHECKED.test(line) || ((DEVICE.test(line) || POSSESSIVE.test(line)) && SENT_FROM.some((pattern) => pattern.test(line))));

/** Whether a line begins a closing like "Best regards". */
export function isClosing(line: string): boolean {
  if (line.length > 60) return false;
  const words = line.replace(/[,.!‚،。！~\s]+$/u, "").toLowerCase();
  return CLOSINGS.some(
    (closing) =>
      words === closing || (words.startsWith(`${closing} `) && words.length <= closing.length + 25) || words.startsWith(`${closing},`),
  );
}

// --- internal ---

/** Device and program names: a line with neither one of these nor a possessive is the writer's sentence. */
const DEVICE =
  /iphon|ipad|\bios\b|android|galaxy|samsung|huawei|xiaomi|oneplus|pixel|nokia|motorola|handy|smartphone|mobil|outlook|\bmail|gmx|web\.de|t-online|yahoo|proton|gmail|\baol\b|blackberry|phone|tablet|device|windows|пошт|почт|телефон|смартфон|κινητ|携帯|スマホ|手机|手機|휴대|มือถือ|फ़ोन|फोन|मोबाइल|هاتف|بريد|טלפון|נייד|courrier|correo|correio|posta|e-post|gerät|appareil/iu;

const POSSESSIVE =
  /(?:^|\s)(?:my|meinem|meiner|mon|ma|mi|mis|meu|minha|mio|mia|mijn|min|mit|mitt|mého|mojego|mojej|môjho|meu|mea|моего|мого|моето|μου|मेरे)(?=\s|$)|我的|나의|내 |ของฉัน|שלי|الخاص بي/iu;

/** Lines that virus scanners add below a mail. */
const CHECKED = /^(?:virus-?free|virenfrei|sans virus|libre de virus|privo di virus|virusvrij)\b/iu;

const sentFrom = (starts: string): RegExp => new RegExp(`^[<(*_]{0,2}(?:${starts})(?=[\\s:]|$)`, "iu");

const SENT_FROM: readonly RegExp[] = [
  sentFrom("sent from my|sent from|sent via|sent using|get outlook for"),
  sentFrom(
    "gesendet (?:von|mit|über)|von meinem|von meiner|diese nachricht wurde von meinem|outlook für (?:ios|android)|holen sie sich outlook",
  ),
  sentFrom("envoyé (?:de|depuis|à partir|avec|via)|obtenir outlook|téléchargez? outlook|provenance"),
  sentFrom(
    "enviado (?:desde|de|do|da|a partir|com|con|pelo|por|via)|obtener outlook|obter o outlook|obtenha o outlook|baixe o outlook|enviat des",
  ),
  sentFrom("inviato (?:da|dal|dall|con|tramite)|inviato dall'\\S+|scarica outlook|ottieni outlook"),
  sentFrom("verstuurd (?:vanaf|met|vanuit|via)|verzonden (?:vanaf|met|vanuit|via)|outlook voor|download outlook"),
  sentFrom(
    "skickat från|skickades från|hämta outlook|skaffa outlook|sendt fra|sendt med|sendt via|hent outlook|få outlook|skaff deg outlook|last ned outlook",
  ),
  sentFrom("lähetetty|hanki outlook"),
  sentFrom("wysłan[eoy] (?:z|za|ze|przy)|pobierz (?:program )?outlook|uzyskaj outlook"),
  sentFrom("odesláno z|odeslané z|odoslané z|získat outlook|získať outlook|stáhnout outlook"),
  sentFrom("elküldve|küldve|az? outlook (?:for )?(?:ios|android)|az outlook letöltése"),
  sentFrom("trimis (?:de|din|de pe)|obțineți outlook|descărcați outlook"),
  sentFrom("outlook'u edinin|outlook for (?:ios|android)"),
  sentFrom("отправлено (?:с|из|от)|послано|надіслано (?:з|із|зі)|відправлено (?:з|із|зі)|изпратено от|скачать outlook|завантажити outlook"),
  sentFrom("στάλθηκε από|εστάλη από|αποστολή από|λήψη του outlook"),
  sentFrom(
    "取得 outlook|获取 outlook|मेरे|أُرسلت من|أرسلت من|مرسل من|تم الإرسال من|تم الارسال من|احصل على outlook|נשלח מה?-?|הורד את outlook",
  ),
  /^(?:发自|發自|寄自|从|從|傳送自|ส่งจาก)/u,
  /^נשלח מ/u,
  /(?:から送信|から送信されました|에서 보냄|에서 전송|에서 보낸 메일|gönderildi|küldve|से भेजा गया|发送|傳送|送信)$/iu,
  /^(?:von|vom)\s.{2,60}(?:gesendet|verschickt)\.?$/iu,
];

const CLOSINGS = [
  "thanks, thank you, thx, many thanks, cheers, regards, best, best regards, kind regards, best wishes, sincerely, yours, yours sincerely, warm regards, ty",
  "danke, vielen dank, danke schön, mfg, lg, vg, viele grüße, liebe grüße, beste grüße, schöne grüße, mit freundlichen grüßen, mit freundlichem gruß, freundliche grüße, gruß, grüße, viele gruesse, mit freundlichen gruessen, hochachtungsvoll",
  "merci, merci d'avance, merci beaucoup, cordialement, bien cordialement, bien à vous, salutations, sincères salutations, bonne journée, bonne soirée",
  "gracias, muchas gracias, saludos, un saludo, saludos cordiales, atentamente, atte, cordialmente, un cordial saludo",
  "obrigado, obrigada, muito obrigado, atenciosamente, cumprimentos, com os melhores cumprimentos, abraço, abraços, att",
  "grazie, grazie mille, saluti, cordiali saluti, distinti saluti, un saluto",
  "bedankt, dank u, dank je, groet, groeten, met vriendelijke groet, met vriendelijke groeten, mvg, vriendelijke groet, alvast bedankt",
  "tack, tack så mycket, hälsningar, med vänlig hälsning, med vänliga hälsningar, vänliga hälsningar, mvh, tak, på forhånd tak, hilsen, med venlig hilsen, venlig hilsen, takk, på forhånd takk, vennlig hilsen, med vennlig hilsen, kiitos, kiitoksia, terveisin, ystävällisin terveisin, t",
  "dziękuję, dzięki, pozdrawiam, z poważaniem, pozdrowienia, děkuji, děkuju, díky, s pozdravem, ďakujem, s pozdravom, köszönöm, köszönettel, üdvözlettel, tisztelettel, mulțumesc, multumesc, cu stimă, cu respect, o zi bună",
  "teşekkürler, teşekkür ederim, saygılarımla, iyi günler, selamlar, спасибо, с уважением, дякую, з повагою, благодаря, ευχαριστώ, με εκτίμηση",
  "よろしくお願いします, よろしくお願いいたします, ありがとう, ありがとうございます, 谢谢, 謝謝, 此致, 敬上, 감사합니다, 고맙습니다, ขอบคุณ, ขอบคุณค่ะ, ขอบคุณครับ, धन्यवाद, شكرا, شكرًا, مع تحياتي, تحياتي, תודה, בברכה, cảm ơn, terima kasih",
].flatMap((line) => line.split(", "));
