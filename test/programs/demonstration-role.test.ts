import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import { copyOfCheckout, remove } from "../unit/cli/support.ts";

/**
 * A role that is not shipped, added to a copy of the checkout by the steps in CONTRIBUTING.md: its entry, its settings, its files, its
 * states and its security groups. Nothing else is touched, so whatever lists roles by hand fails here.
 */
const entry = `  relay: {
    section: "relays",
    groupDescription: "Relays of the cluster",
    subnets: "private",
    firstAddress: { afterFirst: 100 },
    fetches: [],
    rights: [],
    secrets: ["relay-key"],
    components: [...everyNode, "firewall", "relay"],
    services: ["relay"],
    metadataUsers: [],
  },
`;
const settings = `  relays: z.strictObject({
    count: wholeNumber(0, 8).default(2).describe("Number of relays."),
    ...instance({ instanceType: "t3.medium", rootVolumeGiB: 11 }),
  }),
`;
const config = "relays: { count: 3, ami: ami-0aaaaaaaaaaaaaaaa }\n";

const states: Readonly<Record<string, string>> = {
  "init.sls": "include:\n  - relay.package\n  - relay.service\n",
  "package.sls": "relay-package-pkg-installed:\n  pkg.installed:\n    - name: socat\n",
  "service.sls": "relay-service-service-running:\n  service.running:\n    - name: relay\n",
};

/** Asks the rooms about the role, in a separate process: modules of two checkouts must not mix. */
const questions = `
import { readFileSync } from "node:fs";
import { loadConfig } from "./config/load.ts";
import { checkout } from "./common/checkout.ts";
import { imageTags } from "./machines/docker/image-tags.ts";
import { judge } from "./operate/preflight/checks.ts";
import { planTopology } from "./topology/plan-topology.ts";
import { roles } from "./topology/roles.ts";
const config = loadConfig("cluster.yml");
const topology = planTopology(config);
const value = (value) => ({ value });
const { problems } = judge(topology, {
  identity: value({ account: "111122223333", arn: "arn:aws:iam::111122223333:user/operator" }),
  isRegionDisabled: false,
  archives: [],
  hasLocalState: false,
  account: {
    zones: value(config.network.zones),
    images: value(new Map()),
    offerings: value(new Map()),
    elasticIps: value({ inUse: 0, ofCluster: 0 }),
    vcpus: value({ limit: 9, inUse: 0, ofCluster: 0, byType: new Map() }),
    vpcs: value({ limit: 5, inUse: 0, ofCluster: 0 }),
    roles: value([]),
    hasKeyPair: value(false),
    registryBucket: value("nobody"),
    provisioningBucket: value("nobody"),
    secrets: value([]),
  },
});
const files = { caCertificate: "package.json", s3Server: "package.json" };
console.log(JSON.stringify({
  nodes: topology.nodes.map(({ name, privateIp }) => [name, privateIp]),
  problems: problems.map(({ path, problem }) => [path ?? "", problem]),
  images: Object.keys(imageTags(checkout, files)),
  services: roles.relay.services,
}));
`;

describe("a new role", () => {
  let copy: string;
  const edit = (path: string, from: string, to: string) => {
    const text = readFileSync(join(copy, path), "utf8");
    expect(text).toContain(from);
    writeFileSync(join(copy, path), text.replace(from, to));
  };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  };
  const typeErrors = async () => {
    const { stdout } = await execa("npx", ["tsc", "--noEmit", "--incremental", "--tsBuildInfoFile", "types.json"], {
      cwd: copy,
      reject: false,
    });
    return [...new Set([...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, path]) => path))].sort();
  };
  const node = (...args: string[]) => execa(process.execPath, ["--import", "tsx", ...args], { cwd: copy });

  beforeAll(() => {
    copy = copyOfCheckout();
    edit(
      "topology/roles.ts",
      "} as const satisfies Record<string, RoleEntry>",
      `${entry}} as const satisfies Record<string, RoleEntry>`,
    );
    edit("config/schema.ts", "  builder: builder.prefault({}),\n", `${settings}  builder: builder.prefault({}),\n`);
    appendFileSync(join(copy, "cluster.yml"), config);
  });
  afterAll(() => remove(copy));

  it("is asked for its files and its checks by the type checker", async () => {
    expect(await typeErrors()).toEqual(["templates/checks-file.ts", "templates/render-tree.ts"]);
  });

  describe("with its files, its states and its security groups", () => {
    let plan: {
      readonly resource: Record<string, Record<string, Record<string, unknown>>>;
      readonly output: Record<string, { value: object }>;
    };
    let pointer: string;
    let answers: Record<string, unknown>;
    beforeAll(async () => {
      const file = '[{ path: "/etc/relay.conf", template: "relay/relay.conf.njk", context: { name: node.name } }]';
      edit(
        "templates/render-tree.ts",
        "  builder: builderFiles,\n",
        `  builder: builderFiles,\n  relay: (_topology, node) => ${file},\n`,
      );
      edit("templates/checks-file.ts", "  builder: () => [],\n", "  builder: () => [],\n  relay: () => [],\n");
      write("templates/relay/relay.conf.njk", "# << banner >>\nname << name >>\n");
      for (const [name, text] of Object.entries(states)) write(`salt/relay/${name}`, text);
      edit(
        "constructs/cluster-security-groups.ts",
        "  private allowServing(): void {\n",
        '  private allowServing(): void {\n    connect(this.proxies, this.of("relay"), tcp(ports.registry), "Relayed");\n',
      );
      const { stdout } = await node(
        "--eval",
        'import("./templates/salt-components.ts").then((m) => process.stdout.write(m.saltComponents()))',
      );
      write("salt/components.jinja", stdout);

      await execa(process.execPath, ["--import", "tsx", "main.ts"], { cwd: copy });
      plan = JSON.parse(readFileSync(join(copy, "cdktf.out", "stacks", "registry", "cdk.tf.json"), "utf8"));
      pointer = String(
        Object.values(plan.resource.aws_s3_object ?? {}).find(({ key }) => key === "current.yml")?.content,
      );
      write("questions.mjs", questions);
      answers = JSON.parse((await node("questions.mjs")).stdout);
    }, 120_000);

    it("has no type error", async () => {
      expect(await typeErrors()).toEqual([]);
    });

    it("has its nodes, dealt out to the zones, each with its address", () => {
      expect(answers.nodes).toEqual(
        expect.arrayContaining([
          ["relay-1", "10.80.128.104"],
          ["relay-2", "10.80.144.104"],
          ["relay-3", "10.80.128.105"],
        ]),
      );
      expect(Object.keys(plan.resource.aws_instance ?? {})).toEqual(
        expect.arrayContaining(["relay-1", "relay-2", "relay-3"]),
      );
      expect(plan.resource.aws_instance?.["relay-1"]).toMatchObject({
        instance_type: "t3.medium",
        root_block_device: { volume_size: 11 },
      });
    });

    it("has a role on AWS that reads bundles and its secrets, writes its reports, and may do nothing else", () => {
      const policies = Object.entries(plan.resource.aws_iam_role_policy ?? {}).filter(([name]) =>
        name.includes("relay"),
      );
      const actions = policies.flatMap(([, { policy }]) =>
        JSON.parse(String(policy)).Statement.flatMap(({ Action }: { Action: string[] }) => Action),
      );
      expect(new Set(actions)).toEqual(
        new Set(["s3:GetObject", "s3:ListBucket", "s3:PutObject", "ssm:GetParametersByPath"]),
      );
      expect(JSON.stringify(policies)).toContain("reports/relay-3.json");
      expect(JSON.stringify(policies)).toContain("parameter/registry-cluster/registry/relay");
    });

    it("has a security group, reached from the proxies and, over SSH, from the bastion", () => {
      const groups = Object.values(plan.resource.aws_security_group ?? {}).map(({ description }) => description);
      expect(groups).toContain("Relays of the cluster");
      const rules = Object.entries(plan.resource.aws_vpc_security_group_ingress_rule ?? {}).filter(([name]) =>
        name.includes("relays_from"),
      );
      expect(rules.map(([, { from_port }]) => from_port).sort()).toEqual([22, 5000]);
    });

    it("has a line in every output that lists nodes", () => {
      for (const output of ["ssh", "private_addresses"]) {
        expect(Object.keys(plan.output[output]?.value ?? {})).toEqual(
          expect.arrayContaining(["relay-1", "relay-2", "relay-3"]),
        );
      }
    });

    it("gets the files of all nodes and its own, and its turns to converge and to be upgraded", () => {
      expect(pointer).toContain("path: /etc/relay.conf");
      const timers = pointer.match(/OnCalendar=.*/g) ?? [];
      expect(new Set(timers).size).toBe(timers.length);
      expect(timers).toHaveLength(2 * 8);
    });

    it("is asked about before a deployment: its image, its instance type, its secrets", () => {
      const problems = answers.problems as [string, string][];
      expect(problems.map(([path]) => path)).toEqual(expect.arrayContaining(["relays.ami", "relays.instanceType"]));
      expect(problems.map(([, problem]) => problem).join()).toContain("/registry-cluster/registry/relay/relay-key");
    });

    it("is counted when every node must get its turn", async () => {
      edit("cluster.yml", "interval: 30m", "interval: 7m");
      const { stderr } = await execa(process.execPath, ["cli/bin.js", "config", "check"], { cwd: copy, reject: false });
      edit("cluster.yml", "interval: 7m", "interval: 30m");
      expect(stderr).toContain("too short for 8 nodes");
    });

    it("must have an instance type that can be a node", async () => {
      edit("cluster.yml", config, config.replace("count: 3", "count: 3, instanceType: t4g.micro"));
      const { stderr } = await execa(process.execPath, ["cli/bin.js", "config", "check"], { cwd: copy, reject: false });
      edit("cluster.yml", "count: 3, instanceType: t4g.micro", "count: 3");
      expect(stderr).toContain("relays.instanceType");
    });

    it("has an image in the lab, and services whose health counts", () => {
      expect(answers.images).toContain("relay");
      expect(answers.services).toEqual(["relay"]);
    });

    it("is told to Salt", async () => {
      expect(readFileSync(join(copy, "salt", "components.jinja"), "utf8")).toContain(
        '"relay": ["base", "converge", "upgrades", "firewall", "relay"],',
      );
      expect(readFileSync(join(checkout, "salt", "components.jinja"), "utf8")).not.toContain("relay");
    });
  });
});
