import { bucketSettingTypes } from "../plan/bucket-settings.ts";

/** Types of resources that cost nothing. A type that is neither here nor priced is reported as unknown. */
export const freeTypes: ReadonlySet<string> = new Set([
  "aws_default_security_group",
  "aws_eip_association",
  // its records are billed with their log group
  "aws_flow_log",
  "aws_iam_instance_profile",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_internet_gateway",
  "aws_key_pair",
  "aws_route",
  "aws_route_table",
  "aws_route_table_association",
  ...bucketSettingTypes,
  // billed by use, with its bucket
  "aws_s3_object",
  "aws_security_group",
  "aws_subnet",
  "aws_vpc",
  "aws_vpc_security_group_egress_rule",
  "aws_vpc_security_group_ingress_rule",
]);
