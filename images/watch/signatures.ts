import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A webhook as it arrived. Names of headers are in lower case. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it arrived, byte for byte. */
  readonly body: Buffer;
}

/**
 * Whether a webhook comes from someone who knows the secret. GitHub, Bitbucket, Gitea, Forgejo and Gogs sign with it; GitLab sends it
 * along, or signs with it if it is a signing token.
 *
 * Whoever saw a delivery can send it again, but it only triggers a poll.
 *
 * @returns false also for a delivery without a signature
 */
export function isGenuine(delivery: Delivery, secret: string): boolean {
  const { headers } = delivery;
  const isOneOf = (name: string, right: readonly string[]) => {
    const given = headers[name];
    return typeof given === "string" && right.some((each) => isSame(given, each));
  };
  const signatures = signedTexts(delivery).map((text) => createHmac("sha256", secret).update(text).digest("hex"));
  const named = signatures.map((signature) => `sha256=${signature}`);
  return (
    ["x-hub-signature-256", "x-hub-signature"].some((name) => isOneOf(name, named)) ||
    ["x-gitea-signature", "x-forgejo-signature", "x-gogs-signature"].some((name) => isOneOf(name, signatures)) ||
    isOneOf("x-gitlab-token", [secret]) ||
    isSignedByToken(delivery, secret)
  );
}

/** Whether a delivery has any signature, right or wrong. */
export const isSigned = ({ headers }: Pick<Delivery, "headers">): boolean =>
  Object.keys(headers).some((name) => /^(x-.*|webhook)-signature(-256)?$|^x-gitlab-token$/.test(name));

/** Of a form, GitHub signs the whole body; Gitea, Forgejo and Gogs sign the payload in it. */
function signedTexts({ headers, body }: Delivery): (Buffer | string)[] {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(String(headers["content-type"]));
  const payloads = isForm ? new URLSearchParams(body.toString()).getAll("payload") : [];
  return payloads.length === 1 ? [body, ...payloads] : [body];
}

/** GitLab's signing tokens, as https://www.standardwebhooks.com specifies them. */
function isSignedByToken({ headers, body }: Delivery, secret: string): boolean {
  const [, key] = /^whsec_(.+)$/.exec(secret) ?? [];
  const given = headers["webhook-signature"];
  if (key === undefined || typeof given !== "string") return false;
  const hmac = createHmac("sha256", Buffer.from(key, "base64"));
  const right = hmac.update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`).update(body).digest("base64");
  return given.split(" ").some((each) => isSame(each, `v1,${right}`));
}

/** Compares in a time that reveals neither where they differ nor how long the right one is. */
function isSame(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
