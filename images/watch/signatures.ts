import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What came with a webhook. Names of headers are in lower case. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came, byte for byte: that is what is signed. */
  readonly body: Buffer;
}

/**
 * Whether a webhook comes from who knows the secret. GitHub, Bitbucket, Gitea and Gogs sign the body with it; GitLab sends it along.
 *
 * @returns false also when a delivery says nothing of whom it is from.
 */
export function isGenuine({ headers, body }: Delivery, secret: string): boolean {
  const hmac = createHmac("sha256", secret).update(body).digest("hex");
  return [
    [headers["x-hub-signature-256"], `sha256=${hmac}`],
    [headers["x-hub-signature"], `sha256=${hmac}`],
    [headers["x-gitea-signature"], hmac],
    [headers["x-gogs-signature"], hmac],
    [headers["x-gitlab-token"], secret],
  ].some(([given, right]) => typeof given === "string" && isSame(given, right as string));
}

/** In a time that tells nothing of where they differ, nor of how long the right one is. */
function isSame(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
