import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { checkout } from "../../common/checkout.ts";
import { withEveryRole } from "../unit/config/every-role.ts";

/** Where the builder's node has a repository for tests. */
export const testRepository = "/srv/git/app.git";

/** Writes the example cluster's config, with nodes of every role. @returns the file */
export function writeConfig(folder: string): string {
  const example = parse(readFileSync(join(checkout, "cluster.yml"), "utf8"));
  const file = join(folder, "cluster.yml");
  writeFileSync(file, stringify(withEveryRole(example)));
  writeFileSync(
    join(folder, "builds.yml"),
    `image: registry.example.internal/apps/{name}\npollInterval: 5s\nrepositories:\n  app:\n    url: file://${testRepository}\n    tags: "v*"\n`,
  );
  return file;
}
