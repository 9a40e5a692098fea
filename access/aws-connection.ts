import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { HttpsProxyAgent } from "hpagent";
import { getProxyForUrl } from "proxy-from-env";
import { OperatorError } from "../common/errors.ts";
import { whyUnreadable } from "../common/system-errors.ts";

/** How a client of the AWS SDK makes its requests. */
export interface AwsConnection {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: boolean;
  readonly httpsAgent?: Agent;
}

/**
 * How to reach AWS in a region: through the proxy (HTTPS_PROXY, NO_PROXY) and with the CAs (AWS_CA_BUNDLE) that the environment
 * names. Terraform and the AWS CLI use these variables; the SDK for JavaScript does not by itself.
 */
export function connectionToAws(region: string): AwsConnection {
  const proxy = getProxyForUrl(`https://ssm.${region}.amazonaws.com`);
  if (proxy && !URL.canParse(proxy)) {
    throw new OperatorError("the value of HTTPS_PROXY is not a URL", {
      fix: "write it as http://HOST:PORT, or unset HTTPS_PROXY",
    });
  }
  const bundle = process.env.AWS_CA_BUNDLE;
  const ca = bundle ? readBundle(bundle) : undefined;
  return {
    // A firewall that drops packets must not keep the operator waiting for minutes.
    ...{ connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...(proxy ? { httpsAgent: new HttpsProxyAgent({ proxy, ca, keepAlive: true }) } : {}),
    ...(!proxy && ca ? { httpsAgent: new Agent({ ca, keepAlive: true }) } : {}),
  };
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new OperatorError(`AWS_CA_BUNDLE names ${path}, but ${whyUnreadable(error)}`, {
      fix: "name a file of certificates in PEM, or unset it",
    });
  }
}
