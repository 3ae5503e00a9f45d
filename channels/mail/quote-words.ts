/* Words that mail programs put around a quoted mail, in the languages of the opt-out keywords and some more. */

/** A mail address anywhere in a line. */
export const ADDRESS = /[^\s@<>()[\]"“”]{1,64}@[^\s@<>()[\]"“”]{1,255}/u;

/** A colon at the end of a head, with optional formatting after it. */
export const ENDS_HEAD = /[:：]\s?[*_"”»)\]>]{0,3}$/;

/** Maximum length of a head. */
export const LONGEST_HEAD = 600;

/** "wrote", in the wording of mail programs. */
export const VERBS = [
  "wrote, writes, says, quoting, zitat von, citando, citation de, citat från",
  "schrieb, geschrieben, schreibt",
  "a écrit, écrit",
  "escribió, escribio, ha escrit, va escriure",
  "escreveu, escreveram",
  "ha scritto, scritto, scrive",
  "schreef, geschreven",
  "skrev, har skrevet, har skrivit",
  "kirjoitti",
  "napisał, napisała, napisał(a), pisze, napisano",
  "napsal, napsala, napsal(a), napsal/a, napísal, napísala, napísal(a), píše",
  "írta, ezt írta",
  "a scris, scris",
  "yazdı, şunu yazdı, şunları yazdı",
  "написал, написала, написал(а), пишет, писал, писал(а)",
  "написав, написала, написав(-ла), пише, написа, написали",
  "έγραψε",
  "написао је, je napisao, napisao je, napisala, je napisao/la, napisal, rašė, rakstīja, kirjutas",
  "書きました, のメール, のメッセージ, さんは書きました, wrote",
  "写道, 寫道, 写到, 撰写, 来信",
  "작성, 님이 작성, 쓴 글, 님이 쓴 글, 썼습니다",
  "เขียนว่า, เขียน, ได้เขียน",
  "ने लिखा, लिखा",
  "كتب, كتبت, تمت كتابة, كتب/كتبت",
  "כתב, כתבה, כתב/ה, מאת",
  "đã viết, menulis, menulis pesan",
].flatMap((line) => line.split(", "));

/** First words of heads. */
export const STARTERS =
  "on, am, le, el, em, no dia, il giorno, il, in data, op, den, fra, från, pe, pä, ma, ti, ke, to, la, su, w dniu, dnia, dne, dňa, în, in, pe data de, tarihinde, στις, στις, на, в, у, 在, 于, 於, เมื่อ, في, بتاريخ, בתאריך, ב, at, vào, pada, missatge de, wiadomość napisana przez, date";
/** Abbreviated weekdays at the start of a head. */
export const WEEKDAY =
  /^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|mié|mie|jeu|jue|ven|vie|sam|sáb|sab|dim|dom|gio|mån|tis|ons|tor|fre|lör|sön|man|tir|lør|søn|ma|ti|ke|pe|la|su|pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá|so|ne|ut|št|pi|hét|kedd|sze|csüt|pén|szo|vas|joi|vin|paz|pzt|sal|çar|per|cum|cmt|пн|вт|ср|чт|пт|сб|вс|нд|понеделник|вторник|среда|четверг|пятница|суббота|воскресенье|δευ|τρί|τετ|πέμ|παρ|σάβ|κυρ|सोम|मंगल|बुध|गुरु|शुक्र|शनि|रवि)\p{L}{0,12}(?:[.,]|\s\p{N})/iu;

/** Words for a mail in the separator line above a quoted one. */
export const MESSAGES =
  /message|messaggio|\bmail\b|mensaje|mensagem|nachricht|original|e-?mail|bericht|meddelande|besked|melding|viesti|wiadomoś|zpráv|správ|üzenet|mesaj|ileti|сообщени|повідомлен|письмо|лист|съобщени|μήνυμα|メッセージ|メール|邮件|郵件|信件|메시지|메일|ข้อความ|อีเมล|संदेश|رسالة|הודעה|poruka|thư|pesan/iu;

export const LABELS = {
  from: "from, von, de, expéditeur, da, van, från, fra, lähettäjä, od, nadawca, odesílatel, odosielateľ, feladó, de la, expeditor, kimden, gönderen, от, от кого, отправитель, від, від кого, подател, από, 差出人, 送信者, 送信元, 发件人, 發件人, 寄件者, 寄件人, 보낸 사람, 보낸사람, 발신, จาก, ผู้ส่ง, से, प्रेषक, من, מאת, từ, dari, šalje, отправлено от",
  sent: "sent, date, gesendet, gesendet am, datum, envoyé, envoyé le, date d'envoi, enviado, enviado el, enviada, enviada em, enviado em, data, fecha, inviato, verzonden, skickat, sendt, sendt den, dato, lähetetty, päivämäärä, päiväys, wysłano, wysłane, data wysłania, odesláno, odoslané, dátum, dátum a čas, elküldve, küldve, trimis, trimis la, gönderildi, gönderilme tarihi, gönderim tarihi, tarih, отправлено, дата, дата отправки, надіслано, изпратено, στάλθηκε, εστάλη, ημερομηνία, 送信日時, 送信日, 日付, 日時, 发送时间, 发送日期, 發送時間, 寄件日期, 傳送時間, 日期, 时间, 보낸 날짜, 날짜, 발신일, ส่ง, ส่งเมื่อ, วันที่, भेजा गया, दिनांक, तारीख, تاريخ الإرسال, التاريخ, تم الإرسال, أُرسلت, ارسلت, נשלח, תאריך, đã gửi, ngày, tanggal, dikirim",
  to: "to, an, à, a, para, aan, till, til, vastaanottaja, do, komu, címzett, către, kime, alıcı, кому, до, получатель, προς, 宛先, 收件人, 收件者, 받는 사람, 받는사람, 수신, ถึง, प्रति, को, إلى, الى, אל, đến, kepada, cc, kopie, copie, kopia, copia, cópia, kopio, копия, 抄送, 副本",
  subject:
    "subject, betreff, betr, objet, sujet, asunto, assunto, oggetto, onderwerp, ämne, emne, aihe, temat, předmět, predmet, tárgy, subiect, konu, тема, относно, θέμα, 件名, 主题, 主題, 主旨, 제목, เรื่อง, หัวเรื่อง, विषय, الموضوع, נושא, chủ đề, subjek, perihal",
} as const;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
/** A pattern for any of the words, longest first. */
export const anyOf = (words: readonly string[]): string =>
  [...new Set(words)]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join("|");
