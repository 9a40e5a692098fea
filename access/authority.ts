import { OperatorError } from "../common/errors.ts";
import {
  type Authority,
  belongsTogether,
  certificateTimeLeftMs,
  createAuthorityCertificate,
  generatePrivateKey,
  renewalMarginMs,
} from "./certificates.ts";
import { beyond, formatPermitted, type Permitted, permittedBy } from "./name-constraints.ts";
import type { RecordedSecrets } from "./recorded-secrets.ts";

const authorityValidityMs = 10 * 365 * 24 * 3_600_000;

const startAnew = "run 'registry-cluster access init', and give the new CA certificate to all clients";

export interface AuthorityRequest {
  /** Of the cluster. */
  readonly name: string;
  readonly permitted: Permitted;
  readonly now: Date;
}

/** Finds the cluster's CA, or creates it. An existing CA is never changed, because clients trust it as it is. */
export async function ensureAuthority(secrets: RecordedSecrets, request: AuthorityRequest): Promise<Authority> {
  const [certificatePath, keyPath] = pathsIn(secrets);
  const exists = (await secrets.store.get(certificatePath)) !== undefined;
  const privateKeyPem = exists
    ? await keyOf(secrets, certificatePath, keyPath)
    : await secrets.ensure(keyPath, generatePrivateKey);
  const certificatePem = await secrets.ensure(certificatePath, () => certificateFor(request, privateKeyPem));
  if (!belongsTogether(certificatePem, privateKeyPem)) {
    throw new OperatorError(`${keyPath} is not the key of ${certificatePath}`, {
      fix: `restore the right one, or delete both, then ${startAnew}`,
    });
  }
  if (certificateTimeLeftMs(certificatePem, request.now) < renewalMarginMs) {
    throw new OperatorError(`the CA certificate ${certificatePath} has less than 30 days left`, {
      fix: stepsToReissue(request.permitted),
    });
  }
  const refused = beyond(certificatePem, request.permitted);
  if (refused.length > 0) {
    const permitted = formatPermitted(permittedBy(certificatePem) as Permitted);
    throw new OperatorError(`the CA may not sign for ${refused.join(", ")}: it may sign for ${permitted}`, {
      fix: stepsToReissue(request.permitted),
    });
  }
  return { certificatePem, privateKeyPem };
}

/**
 * Reissues the CA's certificate, for other names and another ten years. Its key and name stay, so everything that it has signed is
 * valid with both certificates, and clients can get the new one gradually.
 *
 * @param request - must also permit the names of the current server certificate, or clients with the new CA certificate refuse it
 */
export async function reissueAuthority(secrets: RecordedSecrets, request: AuthorityRequest): Promise<string> {
  const [certificatePath, keyPath] = pathsIn(secrets);
  const privateKeyPem = await keyOf(secrets, certificatePath, keyPath);
  const certificatePem = await certificateFor(request, privateKeyPem);
  await secrets.renew(certificatePath, certificatePem, `may sign for ${formatPermitted(request.permitted)}`);
  return certificatePem;
}

/** @returns a warning about the CA for the operator, or undefined when there is none. */
export function authorityWarning(certificatePem: string): string | undefined {
  if (permittedBy(certificatePem)) return undefined;
  return `warning: the CA may sign for every name in the world, and everybody who trusts it would accept that
  mend: npx registry-cluster access reissue-ca, and then give the new CA certificate to all clients, one after the other`;
}

function certificateFor({ name, permitted, now }: AuthorityRequest, privateKeyPem: string): Promise<string> {
  const props = { name: `${name} registry CA`, privateKeyPem, permitted, validityMs: authorityValidityMs, now };
  return createAuthorityCertificate(props);
}

function pathsIn(secrets: RecordedSecrets): [certificate: string, key: string] {
  return [secrets.path("operator", "ca-certificate"), secrets.path("operator", "ca-key")];
}

/** Never creates a key: it would not match the certificate that clients already trust. */
async function keyOf(secrets: RecordedSecrets, certificatePath: string, keyPath: string): Promise<string> {
  const key = await secrets.store.get(keyPath);
  if (key === undefined) {
    throw new OperatorError(`${keyPath} is missing`, {
      fix: `restore it, or delete ${certificatePath} too, then ${startAnew}`,
    });
  }
  secrets.keep(keyPath);
  return key;
}

/** The order matters: clients refuse a whole certificate if it has one name that their CA may not sign for. */
function stepsToReissue({ addresses }: Permitted): string {
  const options = addresses.length > 0 ? ` --address ${addresses.join(" ")}` : "";
  return `1. npx registry-cluster access reissue-ca${options}
        2. npx registry-cluster access show --ca > registry-ca.crt, and give it to all clients
        3. npx registry-cluster access init${options}`;
}
