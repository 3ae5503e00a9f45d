import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { Behaviour, TestProvider } from "./http-provider.ts";

/** A mail as the server received it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

/** A local mail server that keeps accepted mails; `unknown` is its response to a rejected recipient. */
export async function startSmtpProvider(unknown = { code: 550, text: "5.1.1 is unknown" }): Promise<TestProvider<TakenMail>> {
  const taken: TakenMail[] = [];
  const waiting: (() => void)[] = [];
  let behaviour: Behaviour = "takes";
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    closeTimeout: 10,
    onAuth: ({ username, password }, _, done) => done(password === "mail-s3cret" ? null : new Error("no"), { user: username }),
    onMailFrom: (_, __, done) => done(behaviour === "too_many" ? failure("4.7.0 too many", 450) : null),
    onRcptTo: ({ address }, _, done) =>
      done(behaviour === "refuses" ? failure(unknown.text.replace("is", `${address} is`), unknown.code) : null),
    onData: (stream, session, done) => {
      void buffer(stream).then((raw) => {
        taken.push({ ...envelopeOf(session), raw: raw.toString() });
        for (const go of waiting.splice(0)) go();
        if (behaviour === "takes_then_fails") done(failure("4.3.0 lost it after all", 451));
        else if (behaviour === "closes" || behaviour === "garbage") cut(server, behaviour);
        else if (behaviour !== "hangs" && behaviour !== "endless") done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `smtp://care:mail-s3cret@127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    behave: (next) => {
      behaviour = next;
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

// --- internal ---

const failure = (message: string, responseCode: number): Error => Object.assign(new Error(message), { responseCode });

function envelopeOf({ envelope }: SMTPServerSession): Omit<TakenMail, "raw"> {
  return { from: envelope.mailFrom ? envelope.mailFrom.address : "", to: envelope.rcptTo.map(({ address }) => address) };
}

/** Ends every connection, with or without a meaningless last line. */
function cut(server: SMTPServer, behaviour: Behaviour): void {
  for (const { _socket } of server.connections as unknown as Set<{ _socket: { end(text?: string): void; destroy(): void } }>) {
    if (behaviour === "garbage") _socket.end("\u0000\u0001 what?\r\n");
    else _socket.destroy();
  }
}
