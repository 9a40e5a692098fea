import { describe, expect, it } from "vitest";
import { clusterSchema } from "../../../config/schema.ts";
import { settingPaths } from "../../../config/sections.ts";
import { configTable } from "../../../config/settings-table.ts";

const [header, ruler, ...rows] = configTable().split("\n");
const cellsOf = (row: string) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, ""));

describe("the table of settings", () => {
  it("is a Markdown table", () => {
    expect([header, ruler]).toEqual(["| Setting | Meaning | Allowed | Default |", "| --- | --- | --- | --- |"]);
    for (const row of rows) expect(cellsOf(row)).toHaveLength(4);
  });

  it("has every setting once, in the order of the schema", () => {
    expect(rows.map((row) => cellsOf(row)[0])).toEqual(settingPaths(clusterSchema).map((path) => `\`${path}\``));
  });

  it("says of every setting what it means, what is allowed and what is the default", () => {
    for (const row of rows) expect(cellsOf(row).filter((cell) => cell === "")).toEqual([]);
  });

  it.each([
    "| `region` | AWS region. | an AWS region, such as eu-west-1 | required |",
    "| `registries.rootVolumeGiB` | Size of the encrypted root volume, in GiB. | a whole number from 8 to 16384 | `16` |",
    "| `vrrp.advertInterval` | Time between two adverts of the master. | a duration from 10ms to 40s, in steps of 10ms | `100ms` |",
    "| `storage.kmsKeyArn` | KMS key of the region that encrypts both buckets. | the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID | a key managed by S3 (AES256) |",
    "| `tls.extraNames` | More DNS names for the server certificate. | a list of at most 50 DNS names | none |",
  ])("has the row %s", (row) => {
    expect(rows).toContain(row);
  });
});
