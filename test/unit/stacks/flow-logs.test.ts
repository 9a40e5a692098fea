// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { describe, expect, it } from "vitest";
import { configWith, plan, resources, withoutHashes } from "./fixture.ts";

const withFlowLogs = (flowLogs: "rejected" | "all" | "none") => plan(configWith({ network: { flowLogs } }));

describe("flow logs", () => {
  const example = plan();

  it("record what security groups reject in the whole VPC, by default", () => {
    expect(withoutHashes(Object.values(resources(example, "aws_flow_log")))).toEqual([
      {
        vpc_id: "${aws_vpc.network_vpc.id}",
        traffic_type: "REJECT",
        log_destination: "${aws_cloudwatch_log_group.flow_logs.arn}",
        iam_role_arn: "${aws_iam_role.flow-logs_role.arn}",
        tags: { Name: "registry" },
        depends_on: [expect.stringMatching(/^aws_iam_role_policy\.flow-logs_delivery/)],
      },
    ]);
  });

  it("record all traffic if the config says so", () => {
    expect(Object.values(resources(withFlowLogs("all"), "aws_flow_log"))).toMatchObject([{ traffic_type: "ALL" }]);
  });

  it("are kept for a year, in a log group of the cluster whose Terraform name never changes", () => {
    expect(resources(example, "aws_cloudwatch_log_group")).toEqual({
      flow_logs: { name: "/registry-cluster/registry/flow-logs", retention_in_days: 365 },
    });
  });

  it("are written by a role that has what AWS says it needs at least, for this log group", () => {
    const [policy] = Object.entries(resources(example, "aws_iam_role_policy")).flatMap(([name, { policy }]) =>
      name.startsWith("flow-logs_delivery") ? [JSON.parse(policy)] : [],
    );
    const actions = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(actions.toSorted()).toEqual(
      ["CreateLogGroup", "CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents"].map(
        (name) => `logs:${name}`,
      ),
    );
  });

  it("leave nothing behind, no role either, if the config wants none", () => {
    const without = withFlowLogs("none");
    expect(resources(without, "aws_flow_log")).toEqual({});
    expect(resources(without, "aws_cloudwatch_log_group")).toEqual({});
    expect(JSON.stringify(without.json)).not.toContain("flow-logs");
  });
});
