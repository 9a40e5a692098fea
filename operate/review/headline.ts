import { inlineCode } from "./markdown.ts";
import type { Action, Change, StackPlan } from "./plan-text.ts";

/** The most addresses that a warning names. The plan has them all. */
const mostAddresses = 20;

/** Types whose loss hurts most, the worst first. */
const precious = ["aws_s3_bucket", "aws_eip", "aws_instance"];

/** Summarizes the diff of a stack in one line. */
export function headline({ stack, result, counts }: StackPlan): string {
  const name = stack ? `${inlineCode(stack)}: ` : "";
  switch (result) {
    case "failed":
      return `### ❌ ${name}the diff failed`;
    case "no-changes":
      return `### ${name}no changes`;
    case "outputs-only":
      return `### ${name}only outputs change`;
    case "changes":
      return `### ${name}${counts.add} to add, ${counts.change} to change, ${counts.destroy} to destroy`;
  }
}

/** What a reviewer must not overlook, one paragraph each. */
export function warnings({ changes, complete }: StackPlan): string[] {
  const lost = changes.filter((change) => !isRoutine(change));
  return [
    ...warning("destroyed", "Destroys", lost),
    ...warning("replaced", "Replaces", lost),
    ...(complete
      ? []
      : ["⚠️ **The resources named here do not add up to Terraform's own count: read the plan itself.**"]),
  ];
}

function warning(action: Action, verb: string, changes: readonly Change[]): string[] {
  const addresses = changes.filter((change) => change.action === action).map(({ address }) => address);
  if (addresses.length === 0) return [];
  const sorted = addresses.toSorted((a, b) => rank(a) - rank(b));
  const named = sorted.slice(0, mostAddresses).map(inlineCode).join(", ");
  const more = sorted.length > mostAddresses ? ` and ${sorted.length - mostAddresses} more` : "";
  return [`> ⚠️ **${verb} ${addresses.length}:** ${named}${more}`];
}

/** Every change of a file makes a new bundle, whose object replaces the old one: nobody would read such warnings any more. */
function isRoutine({ address, action }: Change): boolean {
  return action === "replaced" && address.startsWith("aws_s3_object.");
}

function rank(address: string): number {
  const found = precious.indexOf(address.split(".")[0] as string);
  return found < 0 ? precious.length : found;
}
