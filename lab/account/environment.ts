import { authorityCertificate } from "./authority.ts";
import { type LabAws, operatorFiles } from "./machine.ts";

/** Variables that would send a program, or its credentials, elsewhere: they must not be set. */
const misleading = [
  "AWS_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL",
];

/** Where Terraform and its providers come from by default: the lab's proxy does not lead there. */
const terraformHosts = ["registry.terraform.io", "releases.hashicorp.com"];

/** Variables that make Terraform, the AWS CLI and our own commands talk to a lab's AWS instead of the real one. */
export function environmentOf({ name, ports }: LabAws): Record<string, string> {
  const [proxy, direct] = [`http://127.0.0.1:${ports.proxy}`, terraformHosts.join(",")];
  return {
    // Programs differ in which spelling they prefer.
    ...{ HTTPS_PROXY: proxy, https_proxy: proxy, NO_PROXY: direct, no_proxy: direct },
    AWS_CA_BUNDLE: authorityCertificate(),
    AWS_SHARED_CREDENTIALS_FILE: operatorFiles(name).credentials,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    // Keeps Terraform and cdktf from checking for updates, which delays them without a network.
    CHECKPOINT_DISABLE: "1",
  };
}

/** The same as lines for a POSIX shell. */
export function shellExports(lab: LabAws): string {
  const exports = Object.entries(environmentOf(lab)).map(([name, value]) => `export ${name}='${quoted(value)}'`);
  return `${[...exports, `unset ${misleading.join(" ")}`].join("\n")}\n`;
}

/** Lines for a POSIX shell that undo these variables. */
export function shellUnset(lab: LabAws): string {
  return `unset ${Object.keys(environmentOf(lab)).join(" ")}\n`;
}

const quoted = (value: string) => value.replaceAll("'", `'\\''`);
