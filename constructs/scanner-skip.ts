import type { TerraformResource } from "cdktf";

/** Why a finding of a scanner does not apply, by the id of the check. */
export type Skips = Readonly<Record<string, string>>;

/**
 * Notes on a resource which checks of checkov do not apply to it, and why. Call it once per resource.
 *
 * The reasons go under `//`, like cdktf's own notes. Terraform treats that as a comment, so they change no plan.
 * checkov reads this form from CloudFormation only; `test/tools/checkov/terraform_json_skips.py` makes it read it here too.
 */
export function skipChecks(resource: TerraformResource, skips: Skips): void {
  if (Object.keys(skips).length === 0) return;
  const skip = Object.entries(skips).map(([id, comment]) => ({ id, comment }));
  resource.addOverride("//.checkov.skip", skip);
}
