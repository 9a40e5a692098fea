// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references look like this
import { describe, expect, it } from "vitest";
import { type Attributes, planFile, resolve, resourcesOf } from "../../../../operate/plan/synthesized-plan.ts";
import { planOf } from "../../lab/support.ts";

const planFrom = (resources: Record<string, Record<string, object>>) => planOf(JSON.stringify({ resource: resources }));
const addresses = (...resources: Parameters<typeof planFrom>) => planFrom(...resources).resources.map((r) => r.address);

describe("reading a plan", () => {
  it("puts every resource after those it refers to", () => {
    const order = addresses({
      aws_instance: { web: { subnet_id: "${aws_subnet.a.id}" } },
      aws_subnet: { a: { vpc_id: "${aws_vpc.main.id}" } },
      aws_vpc: { main: {} },
    });
    expect(order).toEqual(["aws_vpc.main", "aws_subnet.a", "aws_instance.web"]);
  });

  it("keeps the plan's order where there is no reference", () => {
    expect(addresses({ b: { two: {}, one: {} }, a: { three: {} } })).toEqual(["b.two", "b.one", "a.three"]);
  });

  it("finds references deep inside, and within longer texts", () => {
    const order = addresses({
      aws_iam_role_policy: { read: { policy: '{"Resource":["${aws_s3_bucket.data.arn}/*"]}' } },
      aws_eip: { out: { nested: [{ deep: "${aws_instance.web.id}" }] } },
      aws_instance: { web: {} },
      aws_s3_bucket: { data: {} },
    });
    expect(order).toEqual(["aws_s3_bucket.data", "aws_iam_role_policy.read", "aws_instance.web", "aws_eip.out"]);
  });

  it("takes an escaped reference for the text that it is", () => {
    expect(addresses({ a: { script: { text: "$${b.two.id}" } }, b: { two: {} } })).toEqual(["a.script", "b.two"]);
  });

  it("ignores what only the lifecycle refers to", () => {
    const circle = {
      a: { one: { lifecycle: { replace_triggered_by: ["${b.two.id}"] } } },
      b: { two: { x: "${a.one.id}" } },
    };
    expect(addresses(circle)).toEqual(["a.one", "b.two"]);
  });

  it("takes a resource that refers to itself", () => {
    expect(addresses({ a: { one: { x: "${a.one.id}" } } })).toEqual(["a.one"]);
  });

  it("names the circle when resources refer to each other", () => {
    const circle = { a: { one: { x: "${b.two.id}" } }, b: { two: { x: "${a.one.id}" } } };
    expect(() => planFrom(circle)).toThrow(/^the plan has a circular reference: a.one -> b.two$/);
  });

  it("lists the resources of a type", () => {
    const plan = planFrom({ a: { one: {}, two: {} }, b: { three: {} } });
    expect(resourcesOf(plan, "a").map(({ name }) => name)).toEqual(["one", "two"]);
  });
});

describe("resolving", () => {
  const known: Attributes = new Map<string, Record<string, string>>([
    ["aws_vpc.main", { id: "vpc-1" }],
    ["aws_instance.proxy-1", { id: "i-1", arn: "arn:aws:ec2:::instance/i-1" }],
    ["data.aws_partition.current", { partition: "aws" }],
  ]);

  it("fills in a reference", () => {
    expect(resolve("${aws_vpc.main.id}", known)).toBe("vpc-1");
  });

  it("fills in every reference of a text", () => {
    expect(resolve("${aws_vpc.main.id}/${aws_instance.proxy-1.id}", known)).toBe("vpc-1/i-1");
  });

  it("fills in a reference to data", () => {
    expect(resolve("arn:${data.aws_partition.current.partition}:s3", known)).toBe("arn:aws:s3");
  });

  it("goes through lists and objects, and leaves other values as they are", () => {
    const value = { ids: ["${aws_vpc.main.id}"], nested: { id: "${aws_vpc.main.id}" }, count: 2, on: true, none: null };
    expect(resolve(value, known)).toEqual({ ids: ["vpc-1"], nested: { id: "vpc-1" }, count: 2, on: true, none: null });
  });

  it("undoes the escapes of what is no reference", () => {
    expect(resolve("$${HOME} %%{http_code}", known)).toBe("${HOME} %{http_code}");
  });

  it("leaves an escaped reference unfilled", () => {
    expect(resolve("$${aws_vpc.main.id}", known)).toBe("${aws_vpc.main.id}");
  });

  it("names an attribute that is not known", () => {
    expect(() => resolve("${aws_vpc.main.arn}", known)).toThrow(/^the lab does not know 'arn' of aws_vpc.main$/);
  });

  it("names a resource that is not known", () => {
    expect(() => resolve("${aws_vpc.other.id}", known)).toThrow(/^the lab does not know 'id' of aws_vpc.other$/);
  });
});

describe("a file of the plan", () => {
  const plan = { folder: "/plans/demo", resources: [] };

  it("is found from the plan's folder", () => {
    expect(planFile(plan, "assets/bundle.tar")).toBe("/plans/demo/assets/bundle.tar");
  });

  it("is found where its absolute path says", () => {
    expect(planFile(plan, "/cache/image.tar")).toBe("/cache/image.tar");
  });
});
