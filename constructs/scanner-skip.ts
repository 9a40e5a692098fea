import type { TerraformResource } from "cdktf";

/** Why a finding of a scanner stands, by the id of the check. */
export type Skips = Readonly<Record<string, string>>;

/**
 * Says beside a resource which checks of checkov do not apply to it, and why. Once per resource.
 *
 * The reasons go where cdktf keeps its own notes, under `//`, which Terraform reads as a comment: no plan changes by them.
 * The form is the one that checkov reads from CloudFormation; that it reads it here too is the work of
 * `test/tools/checkov/terraform_json_skips.py`.
 */
export function skipChecks(resource: TerraformResource, skips: Skips): void {
  if (Object.keys(skips).length === 0) return;
  const skip = Object.entries(skips).map(([id, comment]) => ({ id, comment }));
  resource.addOverride("//.checkov.skip", skip);
}
