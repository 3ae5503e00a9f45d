import { expect, test } from "vitest";
import { isOptOut, ownWordsIn } from "./own-words.ts";

/** Heads that mail programs write above a quoted mail of Shop, by language. */
const HEADS: Readonly<Record<string, readonly string[]>> = {
  en: [
    "On Wed, Jun 3, 2026 at 10:12 AM Shop <care@shop.example> wrote:",
    "On 3 Jun 2026, at 10:12, Shop <care@shop.example> wrote:",
    "On 03/06/2026 10:12, Shop wrote:",
    "On 6/3/26 10:12 AM, Shop wrote:",
    "On Wednesday, June 3, 2026 at 10:12:00 AM EDT, Shop <care@shop.example> wrote:",
    "Shop wrote on 03/06/2026 10:12:",
    "From: Shop <care@shop.example>\nSent: Wednesday, June 3, 2026 10:12 AM\nTo: Ann Example <ann@example.com>\nSubject: Your lease",
    "From: Shop [mailto:care@shop.example]\nSent: Wednesday, June 3, 2026 10:12 AM\nTo: 'Ann'\nSubject: RE: Your lease",
    "________________________________\nFrom: Shop\nSent: 03 June 2026 10:12\nTo: Ann\nSubject: Your lease",
    "*From:* Shop <care@shop.example>\n*Date:* Wednesday, 3 June 2026\n*To:* Ann",
    "-----Original Message-----\nFrom: Shop",
    "-------- Original message --------\nFrom: Shop <care@shop.example>\nDate: 6/3/26 10:12 AM (GMT-05:00)",
    "---------- Forwarded message ---------\nFrom: Shop <care@shop.example>",
    "Begin forwarded message:\n\nFrom: Shop <care@shop.example>\nSubject: Your lease\nDate: 3 June 2026 at 10:12:00 BST\nTo: ann@example.com",
    "From: Shop <care@shop.example> Sent: Wednesday, June 3, 2026 10:12 AM To: Ann Subject: Your lease",
    "Subject: Your lease\nFrom: Shop <care@shop.example>\nDate: Wed, 3 Jun 2026 10:12:00",
    "Date: Wed, 3 Jun 2026 10:12:00 +0200\nFrom: care@shop.example\nTo: ann@example.com\nSubject: Your lease",
    "On Jun 3, Shop wrote:",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Wednesday, June 3rd, 2026 at 10:12, Shop wrote:",
    "Quoting Shop <care@shop.example>:",
    "From: Shop<care@shop.example>",
    "2026-06-03 10:12 GMT+02:00 Shop <care@shop.example>:",
    "From: Shop Customer Care and Leasing Department\n<care@shop.example>\nSent: Wednesday, June 3, 2026 10:12 AM",
  ],
  de: [
    "Am 3. Juni 2026 um 10:12 schrieb Shop <care@shop.example>:",
    "Am Mi., 3. Juni 2026 um 10:12 Uhr schrieb Shop <care@shop.example>:",
    "Am 03.06.26 um 10:12 schrieb Shop:",
    "Am Mittwoch, 3. Juni 2026 um 10:12:00 MESZ hat Shop <care@shop.example> Folgendes geschrieben:",
    "Von: Shop <care@shop.example>\nGesendet: Mittwoch, 3. Juni 2026 10:12\nAn: Ann Example <ann@example.com>\nBetreff: Ihre Adresse",
    "Von: Shop <care@shop.example>\nDatum: Mittwoch, 3. Juni 2026 um 10:12\nAn: Ann\nBetreff: Ihre Adresse",
    "Gesendet: Mittwoch, 03. Juni 2026 um 10:12 Uhr\nVon: Shop <care@shop.example>\nAn: ann@example.com\nBetreff: Ihre Adresse",
    "-----Ursprüngliche Nachricht-----\nVon: Shop",
    "---- Original-Nachricht ----",
    "-----Ursprüngliche Mail-----",
    "Shop <care@shop.example> hat am 03.06.2026 10:12 CEST geschrieben:",
    "Shop <care@shop.example> schrieb am Mi., 3. Juni 2026, 10:12:",
    "Anfang der weitergeleiteten Nachricht:\n\nVon: Shop <care@shop.example>\nBetreff: Ihre Adresse\nDatum: 3. Juni 2026",
  ],
  fr: [
    "Le mer. 3 juin 2026 à 10:12, Shop <care@shop.example> a écrit :",
    "Le 3 juin 2026 à 10:12, Shop <care@shop.example> a écrit\u00a0:",
    "Le 03/06/2026 à 10:12, Shop a écrit :",
    "Le mercredi 3 juin 2026 à 10:12:00 UTC+2, Shop <care@shop.example> a écrit :",
    "De : Shop <care@shop.example>\nEnvoyé : mercredi 3 juin 2026 10:12\nÀ : Ann\nObjet : Votre adresse",
    "-----Message d'origine-----\nDe : Shop",
    "De: Shop\nDate: mercredi, 3 juin 2026 10:12\nÀ: Ann\nObjet: Votre adresse",
  ],
  es: [
    "El mié, 3 jun 2026 a las 10:12, Shop (<care@shop.example>) escribió:",
    "El 3 jun 2026, a las 10:12, Shop <care@shop.example> escribió:",
    "El 3/6/26 a las 10:12, Shop escribió:",
    "De: Shop <care@shop.example>\nEnviado el: miércoles, 3 de junio de 2026 10:12\nPara: Ann\nAsunto: Su dirección",
    "-----Mensaje original-----\nDe: Shop",
  ],
  pt: [
    "Em qua., 3 de jun. de 2026 às 10:12, Shop <care@shop.example> escreveu:",
    "Em 3 de jun. de 2026, à(s) 10:12, Shop <care@shop.example> escreveu:",
    "Shop <care@shop.example> escreveu (quarta, 3/06/2026 à(s) 10:12):",
    "No dia 3 de junho de 2026 às 10:12, Shop escreveu:",
    "De: Shop <care@shop.example>\nEnviada em: quarta-feira, 3 de junho de 2026 10:12\nPara: Ann\nAssunto: O seu endereço",
    "-----Mensagem original-----\nDe: Shop",
  ],
  it: [
    "Il giorno mer 3 giu 2026 alle ore 10:12 Shop <care@shop.example> ha scritto:",
    "Il giorno 3 giu 2026, alle ore 10:12, Shop <care@shop.example> ha scritto:",
    "Il 03/06/26 10:12, Shop ha scritto:",
    "Da: Shop <care@shop.example>\nInviato: mercoledì 3 giugno 2026 10:12\nA: Ann\nOggetto: Il suo indirizzo",
    "-----Messaggio originale-----\nDa: Shop",
  ],
  nl: [
    "Op wo 3 jun 2026 om 10:12 schreef Shop <care@shop.example>:",
    "Op 3 jun. 2026 om 10:12 heeft Shop <care@shop.example> het volgende geschreven:",
    "Op 03-06-2026 om 10:12 schreef Shop:",
    "Van: Shop <care@shop.example>\nVerzonden: woensdag 3 juni 2026 10:12\nAan: Ann\nOnderwerp: Uw adres",
    "-----Oorspronkelijk bericht-----\nVan: Shop",
  ],
  sv: [
    "Den ons 3 juni 2026 kl 10:12 skrev Shop <care@shop.example>:",
    "3 juni 2026 kl. 10:12 skrev Shop <care@shop.example>:",
    "Den 2026-06-03 kl. 10:12, skrev Shop:",
    "Från: Shop <care@shop.example>\nSkickat: den 3 juni 2026 10:12\nTill: Ann\nÄmne: Din adress",
    "-----Ursprungligt meddelande-----\nFrån: Shop",
  ],
  da: [
    "Den ons. 3. jun. 2026 kl. 10.12 skrev Shop <care@shop.example>:",
    "Den 03-06-2026 kl. 10:12 skrev Shop:",
    "Fra: Shop <care@shop.example>\nSendt: 3. juni 2026 10:12\nTil: Ann\nEmne: Din adresse",
    "-----Oprindelig meddelelse-----\nFra: Shop <care@shop.example>\nSendt: 3. juni 2026",
  ],
  nb: [
    "ons. 3. juni 2026 kl. 10:12 skrev Shop <care@shop.example>:",
    "3. juni 2026 kl. 10:12 skrev Shop <care@shop.example>:",
    "Fra: Shop\nSendt: onsdag 3. juni 2026 10.12\nTil: Ann\nEmne: Adressen din",
  ],
  fi: [
    "ke 3. kesäk. 2026 klo 10.12 Shop (care@shop.example) kirjoitti:",
    "Shop <care@shop.example> kirjoitti 3.6.2026 kello 10.12:",
    "Shop kirjoitti 3.6.2026 klo 10.12:",
    "Lähettäjä: Shop <care@shop.example>\nLähetetty: keskiviikko 3. kesäkuuta 2026 10.12\nVastaanottaja: Ann\nAihe: Osoitteesi",
  ],
  pl: [
    "śr., 3 cze 2026 o 10:12 Shop <care@shop.example> napisał(a):",
    "Wiadomość napisana przez Shop <care@shop.example> w dniu 3 cze 2026, o godz. 10:12:",
    "W dniu 3.06.2026 o 10:12, Shop pisze:",
    "Od: Shop <care@shop.example>\nWysłano: środa, 3 czerwca 2026 10:12\nDo: Ann\nTemat: Adres",
  ],
  cs: [
    "st 3. 6. 2026 v 10:12 odesílatel Shop <care@shop.example> napsal:",
    "3. 6. 2026 v 10:12, Shop <care@shop.example>:",
    "Dne 03. 06. 26 v 10:12 Shop napsal(a):",
    "---------- Původní e-mail ----------\nOd: Shop\nKomu: ann@example.com\nDatum: 3. 6. 2026 10:12:00\nPředmět: Adresa",
    "Od: Shop <care@shop.example>\nOdesláno: středa 3. června 2026 10:12\nKomu: Ann\nPředmět: Adresa",
  ],
  sk: [
    "st 3. 6. 2026 o 10:12 Shop <care@shop.example> napísal(a):",
    "Dňa 3. 6. 2026 o 10:12 Shop napísal:",
    "Od: Shop <care@shop.example>\nOdoslané: streda 3. júna 2026 10:12\nKomu: Ann\nPredmet: Adresa",
  ],
  hu: [
    "Shop <care@shop.example> ezt írta (időpont: 2026. jún. 3., Sze, 10:12):",
    "2026. jún. 3. dátummal, 10:12 időpontban Shop <care@shop.example> írta:",
    "2026. 06. 03. 10:12 keltezéssel, Shop írta:",
    "Feladó: Shop <care@shop.example>\nElküldve: 2026. június 3., szerda 10:12\nCímzett: Ann\nTárgy: Cím",
  ],
  ro: [
    "În mie., 3 iun. 2026 la 10:12, Shop <care@shop.example> a scris:",
    "Pe 3 iun. 2026, la 10:12, Shop <care@shop.example> a scris:",
    "De la: Shop <care@shop.example>\nTrimis: miercuri, 3 iunie 2026 10:12\nCătre: Ann\nSubiect: Adresa",
  ],
  tr: [
    "Shop <care@shop.example>, 3 Haz 2026 Çar, 10:12 tarihinde şunu yazdı:",
    "Shop <care@shop.example> şunları yazdı (3 Haz 2026 10:12):",
    "3.06.2026 10:12 tarihinde Shop yazdı:",
    "Kimden: Shop <care@shop.example>\nGönderildi: 3 Haziran 2026 Çarşamba 10:12\nKime: Ann\nKonu: Adres",
  ],
  ru: [
    "ср, 3 июн. 2026 г. в 10:12, Shop <care@shop.example>:",
    "3 июня 2026 г., в 10:12, Shop <care@shop.example> написал(а):",
    "03.06.2026 10:12, Shop пишет:",
    "Среда, 3 июня 2026, 10:12 +03:00 от Shop <care@shop.example>:",
    "От: Shop <care@shop.example>\nОтправлено: 3 июня 2026 г. 10:12\nКому: Ann\nТема: Адрес",
  ],
  uk: [
    "ср, 3 черв. 2026 р. о 10:12 Shop <care@shop.example> пише:",
    "3 черв. 2026 р. о 10:12 Shop <care@shop.example> написав(-ла):",
    "Від: Shop <care@shop.example>\nНадіслано: 3 червня 2026 р. 10:12\nКому: Ann\nТема: Адреса",
  ],
  el: [
    "Στις Τετ 3 Ιουν 2026 στις 10:12 π.μ., ο χρήστης Shop <care@shop.example> έγραψε:",
    "Από: Shop <care@shop.example>\nΣτάλθηκε: Τετάρτη, 3 Ιουνίου 2026 10:12\nΠρος: Ann\nΘέμα: Διεύθυνση",
  ],
  ja: [
    "2026年6月3日(水) 10:12 Shop <care@shop.example>:",
    "2026/06/03 10:12、Shop <care@shop.example>のメール:",
    "差出人: Shop <care@shop.example>\n送信日時: 2026年6月3日 10:12\n宛先: Ann\n件名: ご住所",
  ],
  zh: [
    "Shop <care@shop.example> 于2026年6月3日周三 10:12写道：",
    "在 2026年6月3日，10:12，Shop <care@shop.example> 写道：",
    "Shop <care@shop.example> 於 2026年6月3日 週三 上午10:12寫道：",
    "------------------ 原始邮件 ------------------\n发件人: Shop",
    "发件人: Shop <care@shop.example>\n发送时间: 2026年6月3日 10:12\n收件人: Ann\n主题: 地址",
    "寄件者: Shop <care@shop.example>\n寄件日期: 2026年6月3日 上午 10:12\n收件者: Ann\n主旨: 地址",
  ],
  ko: [
    "2026년 6월 3일 (수) 오전 10:12, Shop <care@shop.example>님이 작성:",
    "2026. 6. 3. 오전 10:12, Shop <care@shop.example> 작성:",
    "보낸 사람: Shop <care@shop.example>\n보낸 날짜: 2026년 6월 3일 수요일 오전 10:12\n받는 사람: Ann\n제목: 주소",
  ],
  th: [
    "เมื่อ พ. 3 มิ.ย. 2026 เวลา 10:12 Shop <care@shop.example> เขียนว่า:",
    "จาก: Shop <care@shop.example>\nส่ง: วันพุธที่ 3 มิถุนายน 2569 10:12\nถึง: Ann\nเรื่อง: ที่อยู่",
  ],
  hi: ["बुध, 3 जून 2026 को 10:12 am बजे को Shop <care@shop.example> ने लिखा:"],
  ar: [
    "في الأربعاء، ٣ يونيو ٢٠٢٦ في ١٠:١٢ ص تمت كتابة ما يلي بواسطة ‪Shop‬‏ <‪care@shop.example‬‏>:",
    "في ٣ يونيو ٢٠٢٦، الساعة ١٠:١٢ ص، كتب Shop <care@shop.example>:",
    "من: Shop <care@shop.example>\nتاريخ الإرسال: الأربعاء، 3 يونيو 2026 10:12\nإلى: Ann\nالموضوع: العنوان",
  ],
  he: [
    "\u202bבתאריך יום ד׳, 3 ביוני 2026 ב-10:12 מאת \u202aShop\u202c\u200f <\u202acare@shop.example\u202c\u200f>:\u202c",
    "\u200fב-3 ביוני 2026, בשעה 10:12, Shop <care@shop.example> כתב/ה:",
    "מאת: Shop <care@shop.example>\nנשלח: יום רביעי 3 יוני 2026 10:12\nאל: Ann\nנושא: כתובת",
  ],
};

/** An opt-out keyword, and a sentence of ours below with a question. */
const STOPS: Readonly<Record<string, string>> = {
  en: "STOP",
  de: "ABMELDEN",
  fr: "DÉSABONNER",
  es: "BAJA",
  pt: "SAIR",
  it: "CANCELLAMI",
  nl: "AFMELDEN",
  sv: "AVREGISTRERA",
  da: "AFMELD",
  nb: "AVMELD",
  fi: "LOPETA",
  pl: "WYPISZ",
  cs: "ODHLÁSIT",
  sk: "ZRUŠIŤ",
  hu: "LEIRATKOZÁS",
  ro: "DEZABONARE",
  tr: "İPTAL",
  ru: "ОТПИСАТЬСЯ",
  uk: "ВІДПИСАТИСЯ",
  el: "ΔΙΑΓΡΑΦΗ",
  ja: "配信停止",
  zh: "退订",
  ko: "수신거부",
  th: "หยุด",
  hi: "रोकें",
  ar: "إلغاء",
  he: "הסר",
};

/** Lines as wrapped by a program. */
function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

const CASES = Object.entries(HEADS).flatMap(([language, heads]) => heads.map((head) => ({ language, head, word: STOPS[language] ?? "" })));
const QUESTION = "Shall we change your address?\nIt takes a minute.\nhttps://shop.example/a";
const marked = (text: string): string => text.replace(/^/gm, "> ");

test.each(CASES)("F6: $word above $head", ({ head, word }) => {
  for (const quoted of [QUESTION, marked(QUESTION)]) {
    for (const between of ["\n\n", "\n\n\n\n"]) {
      expect(ownWordsIn(`${word}${between}${head}\n\n${quoted}`).text).toBe(word);
      expect(ownWordsIn(`${word}${between}${head}\n${quoted}`).text).toBe(word);
    }
  }
  expect(ownWordsIn(`${word}\n${head}\n${QUESTION}`).text).toBe(word);
  expect(ownWordsIn(`${word}\r\n\r\n${head}\r\n\r\n${QUESTION}`).text).toBe(word);
  expect(isOptOut(ownWordsIn(`${word}\n\n${head}\n\n${QUESTION}`).text)).toBe(true);
});

test.each(CASES.filter(({ head }) => !head.includes("\n")))("F6: the same quote header wrapped: $head", ({ head, word }) => {
  const named = head.replace("Shop", "Shop Customer Care and Leasing of Northwind");
  for (const width of [72, 76, 78]) {
    for (const one of [wrapped(head, width), wrapped(named, width)]) {
      expect(ownWordsIn(`${word}\n\n${one}\n\n${marked(QUESTION)}`).text).toBe(word);
      expect(ownWordsIn(`${word}\n\n${one}\n\n${QUESTION}`).text).toBe(word);
      expect(ownWordsIn(`${word}\n${one}\n\n${QUESTION}`).text).toBe(word);
    }
  }
});

test.each([
  ["before its address", "On Wed, Jun 3, 2026 at 10:12 AM Shop <\ncare@shop.example> wrote:"],
  ["before its verb", "On Wed, Jun 3, 2026 at 10:12 AM Shop <care@shop.example>\nwrote:"],
  ["within its date", "On Wed,\nJun 3, 2026 at 10:12 AM Shop <care@shop.example> wrote:"],
  ["in its time", "Am Mi., 3. Juni 2026 um\n10:12 Uhr schrieb Shop\n<care@shop.example>:"],
  ["with the address as a link too", "On 3 Jun 2026, at 10:12, Shop <care@shop.example<mailto:care@shop.example>> wrote:"],
])("F6: a quote header wrapped %s", (_, head) => {
  expect(ownWordsIn(`STOP\n\n${head}\n\n${QUESTION}`).text).toBe("STOP");
  expect(ownWordsIn(`STOP\n${head}\n> ${QUESTION}`).text.split("\n")[0]).toBe("STOP");
});

const SENT_FROM = [
  "Sent from my iPhone",
  "Sent from my Samsung Galaxy smartphone.",
  "Sent from Yahoo Mail on Android",
  "Sent from Mail (https://go.microsoft.com/fwlink/?LinkId=550986) for Windows",
  "Get Outlook for iOS<https://aka.ms/o0ukef>",
  "Von meinem iPhone gesendet",
  "Gesendet von Outlook für Android",
  "Gesendet mit der GMX Mail App",
  "Envoyé de mon iPhone",
  "Envoyé à partir de Outlook pour iOS",
  "Enviado desde mi iPhone",
  "Enviado do meu iPhone",
  "Inviato da iPhone",
  "Inviato dal mio Galaxy",
  "Verstuurd vanaf mijn iPhone",
  "Verzonden vanuit Mail voor Windows",
  "Skickat från min iPhone",
  "Sendt fra min iPhone",
  "Lähetetty iPhonesta",
  "Wysłane z iPhone'a",
  "Odesláno z iPhonu",
  "Odoslané z iPhonu",
  "Elküldve az iPhone-omról",
  "iPhone-ról küldve",
  "Trimis de pe iPhone-ul meu",
  "iPhone'umdan gönderildi",
  "Отправлено с iPhone",
  "Отправлено из мобильной Почты Mail",
  "Надіслано з iPhone",
  "Στάλθηκε από το iPhone μου",
  "iPhoneから送信",
  "发自我的iPhone",
  "從我的 iPhone 傳送",
  "나의 iPhone에서 보냄",
  "ส่งจาก iPhone ของฉัน",
  "मेरे iPhone से भेजा गया",
  "أُرسلت من الـ iPhone",
  "נשלח מה-iPhone שלי",
];

test.each(SENT_FROM)("F6: %s is no text of the customer", (line) => {
  expect(ownWordsIn(`STOP\n\n${line}`).text).toBe("STOP");
  expect(ownWordsIn(`STOP\n${line}\n\nOn 3 Jun 2026, at 10:12, Shop <care@shop.example> wrote:\n\n> ${line}`).text).toBe("STOP");
});

test.each([
  ["a signature", "STOP\n-- \nAnn Example\nExample Ltd"],
  ["a signature that lost its blank", "STOP\n\n--\nAnn Example\n+1 555 555 0101"],
  ["quoted lines alone", "STOP\n> Shall we change your address?"],
  ["an answer below the quotation", "On Wed, Jun 3, 2026 at 10:12 AM Shop <care@shop.example> wrote:\n\n> Shall we?\n>\n> Shop\n\nSTOP"],
  [
    "a head run together with what it quotes",
    "STOP\n\nOn Wed, Jun 3, 2026 at 10:12 AM, Shop <care@shop.example> wrote: Hello Ann, shall we?\nYours",
  ],
  ["the same in French", "STOP\n\nLe mer. 3 juin 2026 à 10:12, Shop <care@shop.example> a écrit : Bonjour"],
  ["a quotation within the quotation", "STOP\n\nOn 3 Jun 2026, at 10:12, Shop wrote:\n\n>> one\n> two\n"],
  [
    "blanks that are none",
    "\u00a0STOP\u200b\n\n\u00a0On\u00a03 Jun\u00a02026, at\u00a010:12, Shop\u00a0<care@shop.example> wrote:\u00a0\n\nShall we?",
  ],
  ["letters in two pieces", "STOP\n\nLe 3 juin 2026 a\u0300 10:12, Shop <care@shop.example> a e\u0301crit :\n\nOn le fait ?"],
])("F6: STOP stays alone with %s", (_, text) => expect(isOptOut(ownWordsIn(text).text)).toBe(true));

test("answers between quoted lines are kept, in order", () => {
  const text = "Hello,\n\nAm 3. Juni 2026 um 10:12 schrieb Shop <care@shop.example>:\n> Which day?\nMonday.\n> Which time?\nTen.\n-- \nAnn";
  expect(ownWordsIn(text).text).toBe("Hello,\n\nMonday.\nTen.");
  expect(ownWordsIn(text).top).toBe("Hello,");
});

test.each([
  "My new details: Ann Example, ann@example.com",
  "Please write to me at ann@example.com by 10:30:\nthe old address is gone.",
  "As you wrote: the price is 200.\nI do not agree.",
  "I saw three times:\n- 10:12\n- 11:00\nWhich one is it?",
  "From: Berlin\nTo: Hamburg\nDate: 3 June\nTwo people, please.",
  "Name: Ann\nMail: ann@example.com\nDate: 3.6.2026 10:12\nPlease call me.",
  "On Monday I was at your shop.\nNobody wrote back.",
  "On 3 June 2026 I came at 10:12 and met:\nBob.",
  "--- Important ---\nThe car is gone.",
  "Am I late?",
  "Sent from my old flat, the parcel came back. Where is it now?\nAnn",
  "Is 5 > 3?",
  "one\n\ntwo\n\nthree",
  "",
])("text that is not a quotation is kept: %j", (text) => expect(ownWordsIn(text).text).toBe(text));

test.each([
  ["STOP\n\nBest regards,\nAnn Example", true],
  ["Abmelden\n\nMit freundlichen Grüßen\nAnn", true],
  ["Désabonner.\nMerci d'avance\nAnn", true],
  ["退订\n谢谢", true],
  ["Stop\nsending me these", false],
  ["Cancel\nmy appointment", false],
  ["STOP\n\nThe car is broken", false],
  ["Thanks\nSTOP", false],
])("%j is an opt-out: %s", (text, expected) => expect(isOptOut(text)).toBe(expected));

test("the writer's name below the word does not count as text, another name does", () => {
  const from = "Ann Example <ann@example.com>";
  expect(["STOP\n\nAnn", "STOP\nann example", "Abmelden!\n\nA. Example\nAnn"].map((text) => isOptOut(text, from))).toEqual([
    true,
    true,
    false,
  ]);
  expect([isOptOut("STOP\nBob", from), isOptOut("STOP\nAnn"), isOptOut("Cancel\nmy example", from)]).toEqual([false, false, false]);
});

test.each([
  "\n",
  " ",
  ">",
  "> \n",
  "On ",
  "On \n",
  "On a@b.c 2026 10:12\n",
  ":\n",
  "a:\n",
  "From: a@b\n",
  "From: ",
  "Von: x\nGesendet: y\n",
  "-",
  "-- \n",
  "--\n",
  "---a",
  "_",
  "schrieb ",
  "wrote:",
  "<a@",
  "@",
  "2026",
  "1.",
  "10:12 ",
  "*",
  "Sent from my \n",
  "a ".repeat(35).concat("\n"),
  "\u200b",
  "写道",
])("F6: a body of repeated %j is read in linear time", (piece) => {
  const text = piece.repeat(Math.ceil(100_000 / piece.length));
  // With quadratic time this would not finish.
  for (let times = 0; times < 3; times++) expect(ownWordsIn(text).text.length).toBeLessThanOrEqual(text.length);
});
