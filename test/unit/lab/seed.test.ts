import { describe, expect, it } from "vitest";
import type { Clients } from "../../../lab/account/creators/creator.ts";
import { modelledTypes, notModelled, seed } from "../../../lab/account/seed.ts";
import { configWith, exampleConfig, plan } from "../stacks/fixture.ts";
import { resource } from "./support.ts";

const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const configs = {
  "egress through the bastion": exampleConfig,
  "egress through a NAT gateway": configWith({ network: { egress: "nat-gateway" } }),
  "no egress": configWith({ network: { egress: "none" } }),
  "a KMS key": configWith({ storage: { kmsKeyArn } }),
};
const typesOf = (config: typeof exampleConfig) => Object.keys(plan(config).json.resource);

describe("the lab's AWS", () => {
  it.each(Object.entries(configs))("knows every type of resource of a cluster with %s", (_name, config) => {
    const known = new Set([...modelledTypes, ...notModelled]);
    expect(typesOf(config).filter((type) => !known.has(type))).toEqual([]);
  });

  it("lists no type both as modelled and as not modelled", () => {
    expect(modelledTypes.filter((type) => notModelled.has(type))).toEqual([]);
  });

  it("lists no type that no cluster has", () => {
    const used = new Set(Object.values(configs).flatMap(typesOf));
    expect([...modelledTypes, ...notModelled].filter((type) => !used.has(type))).toEqual([]);
  });

  it("refuses a type that it does not know, and names the resource", async () => {
    const clients = {} as Clients;
    const seeding = seed(clients, { folder: "", resources: [resource("aws_lambda_function", "mover")] });
    await expect(seeding).rejects.toThrow("the lab does not support aws_lambda_function.mover");
  });

  it("passes over what is not modelled", async () => {
    const attributes = await seed({} as Clients, { folder: "", resources: [resource("aws_route", "out")] });
    expect(attributes.has("aws_route.out")).toBe(false);
  });
});
