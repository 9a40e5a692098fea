import { request } from "node:https";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import { whyOf } from "../../common/foreign-errors.ts";
import type { RegistryFacts, Status, TlsFacts } from "./facts.ts";

/** Where and how to ask a registry. */
export interface RegistryPlace {
  readonly host: string;
  readonly port: number;
  /** The name in its certificate. */
  readonly domainName: string;
  /** PEM. No other authority is trusted. */
  readonly caCertificate: string;
  /** `user:password` */
  readonly login?: string;
}

const answerMs = 10_000;

/** Connects as a client does, by TLS with the cluster's CA, and asks for `/v2/` without a login and with it. */
export async function askRegistry(registry: RegistryPlace): Promise<RegistryFacts> {
  const place = `${registry.host}:${registry.port}`;
  const certificate = await askCertificate(registry);
  if ("refusal" in certificate) return { place, certificate };
  return {
    place,
    certificate,
    anonymous: await askStatus(registry),
    withLogin: registry.login === undefined ? undefined : await askStatus(registry, registry.login),
  };
}

const tlsOptions = ({ host, port, domainName, caCertificate }: RegistryPlace) => ({
  host,
  port,
  ca: caCertificate,
  servername: domainName,
  // the address is not the name that the certificate is for
  checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
    checkServerIdentity(domainName, certificate),
});

function askCertificate(registry: RegistryPlace): Promise<TlsFacts> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect(tlsOptions(registry));
    const end = (facts: TlsFacts) => {
      socket.destroy();
      resolve(facts);
    };
    socket.setTimeout(answerMs, () => end({ refusal: "no answer came in time" }));
    socket.once("error", (error) => end({ refusal: wordsOfTls(error) }));
    socket.once("secureConnect", () => end({ validTo: new Date(socket.getPeerCertificate().valid_to) }));
  });
}

/** What is wrong with a certificate is in OpenSSL's message, not in our general words for its code. */
function wordsOfTls(error: NodeJS.ErrnoException): string {
  return /^(CERT_|UNABLE_TO_|DEPTH_|SELF_SIGNED|ERR_TLS|ERR_SSL)/.test(error.code ?? "") ? error.message : whyOf(error);
}

function askStatus(registry: RegistryPlace, login?: string): Promise<Status> {
  const headers = {
    host: registry.domainName,
    ...(login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
  };
  const options = { ...tlsOptions(registry), agent: false, path: "/v2/", headers };
  return new Promise((resolve) => {
    const asked = request({ ...options, signal: AbortSignal.timeout(answerMs) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? "no answer");
    });
    asked.once("error", () => resolve("no answer"));
    asked.end();
  });
}
