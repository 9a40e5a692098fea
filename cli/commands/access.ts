import { isIP } from "node:net";
import { SSMClient } from "@aws-sdk/client-ssm";
import Table from "cli-table3";
import { type Command, InvalidArgumentError } from "commander";
import { Accounts } from "../../access/accounts.ts";
import { authorityWarning } from "../../access/authority.ts";
import { connectionToAws } from "../../access/aws-connection.ts";
import { formatPermitted } from "../../access/name-constraints.ts";
import type { SecretStore } from "../../access/secret-store.ts";
import { ensureSecrets, formatReport, reissueCa, renewServerCertificate } from "../../access/secrets.ts";
import { SsmSecretStore } from "../../access/ssm-secret-store.ts";
import { summarizeAccess } from "../../access/summary.ts";
import { shown } from "../../common/shown.ts";
import { loadConfig } from "../../config/load.ts";
import { secretStoreOf } from "../../lab/account/machine.ts";
import { stateOf } from "../../lab/state.ts";
import { say, sayJson, tell } from "../output.ts";

interface Target {
  readonly lab?: boolean;
}

const addressHelp = "addresses for the server certificate besides its names";

const giveToClients = `
Nothing has changed for clients yet. Replace the old certificate on each with the new one:
  npx registry-cluster access show --ca > registry-ca.crt
When all have it: npx registry-cluster access init`;

export function registerAccess(program: Command): void {
  const access = program
    .command("access")
    .description("certificates and users of the registry, kept in SSM parameters")
    .option("--lab", "use the parameters of the cluster on this machine instead of those on AWS");
  const config = () => loadConfig(program.opts<{ config: string }>().config);
  const store = () => storeOf(access.opts<Target>());
  const accounts = () => new Accounts(store(), config().name);

  const storeOf = ({ lab }: Target): SecretStore => {
    const { name, region } = config();
    if (!lab) return new SsmSecretStore(new SSMClient({ region, requestHandler: connectionToAws(region) }));
    return secretStoreOf(stateOf(name));
  };

  access
    .command("init")
    .description("create what is missing, add names and addresses, renew what is about to expire, leave the rest")
    .option("--address <ip...>", addressHelp, ipAddresses)
    .action(async ({ address = [] }: { address?: string[] }) => {
      say(formatReport(await ensureSecrets({ store: store(), config: config(), addresses: address })));
    });

  access
    .command("renew")
    .description("issue a new server certificate with a new key now, for the config's names and these addresses only")
    .option("--address <ip...>", addressHelp, ipAddresses)
    .action(async ({ address = [] }: { address?: string[] }) => {
      say(formatReport(await renewServerCertificate({ store: store(), config: config(), addresses: address })));
    });

  access
    .command("reissue-ca")
    .description(
      "issue the CA certificate again, with the same key, limited to the config's names and the server's addresses",
    )
    .option("--address <ip...>", "more addresses that it may sign for", ipAddresses)
    .action(async ({ address = [] }: { address?: string[] }) => {
      say(formatReport(await reissueCa({ store: store(), config: config(), addresses: address })));
      say(giveToClients);
    });

  access
    .command("show")
    .description("show what clients need to trust the registry, and who may log in")
    .option("--json", "for scripts")
    .option("--ca", "only the CA certificate, to write into a file")
    .action(async ({ json, ca }: { json?: boolean; ca?: boolean }) => {
      const summary = await summarizeAccess(store(), config().name);
      if (ca) return void process.stdout.write(shown(summary.caCertificate));
      if (json) return sayJson(summary);
      const table = new Table({ style: { head: [], border: [] } });
      table.push(
        ["CA fingerprint", summary.caFingerprint],
        ["CA valid to", summary.caValidTo.toISOString()],
        ["CA may sign for", summary.caMaySignFor ? formatPermitted(summary.caMaySignFor) : "every name and address"],
        ["server names", summary.serverNames.join("\n")],
        ["server valid to", summary.serverValidTo.toISOString()],
        ["users", summary.users.join("\n")],
      );
      say(table.toString());
      const warning = authorityWarning(summary.caCertificate);
      if (warning) tell(warning);
    });

  const user = access.command("user").description("who may log in; nodes apply a change at their next converge");
  user
    .command("list")
    .description("names of all users, one per line")
    .action(async () => say((await accounts().list()).join("\n")));
  user
    .command("add")
    .argument("<name>", "of the user")
    .description("add a user, and print the generated password")
    .action(async (name: string) => say(await accounts().add(name)));
  user
    .command("remove")
    .argument("<name>", "of the user")
    .description("remove a user")
    .action(async (name: string) => {
      await accounts().remove(name);
      say(`removed ${name}`);
    });
  user
    .command("password")
    .argument("<name>", "of the user")
    .description("print a user's password")
    .action(async (name: string) => say(await accounts().password(name)));
}

/** commander calls this once for each value of an option. */
function ipAddresses(value: string, before: readonly string[] = []): string[] {
  if (isIP(value) === 0) throw new InvalidArgumentError("an IP address such as 203.0.113.7");
  return [...before, value];
}
