import { type EC2Client, type Filter, type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";

/** Asks for all instances that fit the filters. */
export async function askInstances(ec2: EC2Client, Filters: Filter[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters })) {
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  }
  return found;
}
