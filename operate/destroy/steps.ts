export interface DestroySteps {
  /** What to remove, one step after the other. */
  readonly steps: readonly (readonly string[])[];
  /** What stays in Terraform's state. */
  readonly stays: readonly string[];
}

const serviceAddress = "aws_eip.service_address";

/**
 * Which of the resources in Terraform's state to destroy, in which order. Proxies go first: while one runs, it takes the service address
 * back from Terraform, which then cannot release it. Buckets stay, with the settings for their encryption, versions and access.
 *
 * @param addresses of all resources, such as `aws_instance.proxy-1`.
 * @param keepAddress whether the service address stays too.
 */
export function destroySteps(addresses: readonly string[], { keepAddress }: { keepAddress: boolean }): DestroySteps {
  const stays = (address: string) => address.startsWith("aws_s3_bucket") || (keepAddress && address === serviceAddress);
  const goes = addresses.filter((address) => !stays(address));
  const steps = [goes.filter(isProxy), goes.filter((address) => !isProxy(address))];
  return { steps: steps.filter((step) => step.length > 0), stays: addresses.filter(stays) };
}

const isProxy = (address: string) => /^aws_instance\.proxy-\d+$/.test(address);
