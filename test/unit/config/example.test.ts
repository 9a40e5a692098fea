import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { z } from "zod";
import { stateObject } from "../../../config/derived-names.ts";
import { loadConfig, parseConfig } from "../../../config/load.ts";
import { clusterSchema } from "../../../config/schema.ts";
import { asSection, defaultOf, schemaAt, settingPaths } from "../../../config/sections.ts";

const text = readFileSync("cluster.yml", "utf8");
/** Settings whose default is not a plain value are shown in a comment: `# key: value`, or `# section:` and its keys. */
const uncommented = text.replaceAll(/^( *)# ( *\w+:( \S+)?)$/gm, "$1$2");

describe("cluster.yml", () => {
  it("is a config without faults", () => {
    expect(loadConfig("cluster.yml").name).toBe("registry");
  });

  it("is still one with the commented settings", () => {
    expect(parseConfig(uncommented, "cluster.yml").storage.kmsKeyArn).toMatch(/^arn:aws:kms:/);
  });

  it("names every setting of the schema, in its order", () => {
    expect(givenPaths(parse(uncommented))).toEqual(settingPaths(clusterSchema));
  });

  it("shows the default of every setting that has one", () => {
    const data = parse(text);
    for (const path of settingPaths(clusterSchema)) {
      const byDefault = defaultOf(schemaAt(clusterSchema, path.split(".")));
      if (byDefault !== undefined) expect({ [path]: valueAt(data, path) }).toEqual({ [path]: byDefault });
    }
  });

  it("shows the provisioning bucket's default in its comment", () => {
    const { storage } = parseConfig(uncommented, "cluster.yml");
    expect(storage.provisioningBucket).toBe(`${storage.bucket}-provisioning`);
  });

  it("shows the defaults of a state in S3 in their comments, and has none by default", () => {
    const config = parseConfig(uncommented, "cluster.yml");
    const { bucket, kmsKeyArn } = config.backend.s3 ?? {};
    expect(config.backend.s3).toEqual(stateObject({ ...config, backend: { s3: { bucket: bucket ?? "", kmsKeyArn } } }));
    expect(loadConfig("cluster.yml").backend).toEqual({});
  });

  it("names the settings to change before AWS, all of which exist", () => {
    const named = [...text.matchAll(/^# {3}\d\. (\S+)/gm)].map((match) => match[1]);
    expect(named).toHaveLength(5);
    expect(settingPaths(clusterSchema)).toEqual(expect.arrayContaining(named));
  });

  it("has one AMI to change, not three", () => {
    expect(text.match(/ami-[0-9a-f]{17}/g)).toHaveLength(1);
  });

  function givenPaths(data: Record<string, unknown>, section: z.ZodObject = clusterSchema): string[] {
    return Object.entries(data).flatMap(([key, value]) => {
      const inner = asSection(section.shape[key]);
      return inner ? givenPaths(value as Record<string, unknown>, inner).map((path) => `${key}.${path}`) : [key];
    });
  }

  function valueAt(data: unknown, path: string): unknown {
    return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], data);
  }
});
