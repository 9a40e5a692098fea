import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { _InstanceType } from "@aws-sdk/client-ec2";

/** Writes instance-types.json from the list that AWS ships with its SDK: sizes by family. */
export function instanceTypesOfSdk(): Record<string, string[]> {
  const sizes: Record<string, string[]> = {};
  for (const type of Object.values(_InstanceType).sort()) {
    const [family = "", size = ""] = type.split(".");
    sizes[family] = [...(sizes[family] ?? []), size];
  }
  return sizes;
}

if (process.argv[1] === import.meta.filename) {
  const lines = Object.entries(instanceTypesOfSdk()).map(([family, sizes]) => `  "${family}": "${sizes.join(" ")}"`);
  writeFileSync(join(import.meta.dirname, "instance-types.json"), `{\n${lines.join(",\n")}\n}\n`);
}
