import type { ClusterFacts, RegistryFacts, Status } from "./facts.ts";
import { failed, judged, ok, type Result, skipped } from "./results.ts";

/** Nodes renew nothing by themselves, and an operator needs some days. */
const fewestDays = 14;
const dayMs = 24 * 3_600_000;

/** Judges what clients see: the certificate, and who is let in. */
export function judgeRegistry({ registry, now }: ClusterFacts): Result[] {
  const name = "registry";
  if (!registry) return [{ name, ...skipped("there is no service address to ask") }];
  return [
    ...judged("certificate", "ssm:GetParameter", registry, (facts) => certificateIsGood(facts, now)),
    ...("value" in registry ? judgeAnswers(registry.value) : []),
  ];
}

function certificateIsGood({ place, certificate }: RegistryFacts, now: Date) {
  if ("refusal" in certificate) {
    return failed(
      `no TLS connection to ${place}: ${certificate.refusal}`,
      "if this machine is not in access.clientCidrs, run it from one that is, or name a tunnel with --at",
    );
  }
  const days = Math.floor((certificate.validTo.getTime() - now.getTime()) / dayMs);
  const found = `that of ${place} has ${days} days left, and is signed by the cluster's CA`;
  return days >= fewestDays ? ok(found) : failed(found, "npx registry-cluster access renew");
}

function judgeAnswers({ anonymous, withLogin }: RegistryFacts): Result[] {
  if (anonymous === undefined) return [];
  return [
    { name: "without a login", ...nobodyIsLetIn(anonymous) },
    { name: "login", ...userIsLetIn(withLogin) },
  ];
}

function nobodyIsLetIn(status: Status) {
  if (status === 401) return ok("refused (401)");
  const fix = status === 200 ? "close access.clientCidrs at once, and see nginx's config" : troubleshoot;
  return failed(`/v2/ gives ${status}, not 401`, fix);
}

function userIsLetIn(status: Status | undefined) {
  if (status === undefined) {
    return skipped("no user was named", "--user NAME, with the password in REGISTRY_PASSWORD or typed when asked");
  }
  if (status === 200) return ok("accepted (200)");
  if (status === 401) return failed("refused (401)", "npx registry-cluster access user list shows who may log in");
  return failed(`/v2/ gives ${status}, not 200`, troubleshoot);
}

const troubleshoot = "see docs/troubleshooting.md";
