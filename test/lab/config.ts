import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../common/checkout.ts";

/** Where the builder's node has a repository for tests. */
export const testRepository = "/srv/git/app.git";

/** Writes the example cluster's config, with all that it can have besides. @returns the file */
export function writeConfig(folder: string): string {
  const example = readFileSync(join(checkout, "cluster.yml"), "utf8");
  const file = join(folder, "cluster.yml");
  writeFileSync(file, example.replace("builder:\n  enabled: false", "builder:\n  enabled: true"));
  writeFileSync(
    join(folder, "builds.yml"),
    `image: registry.example.internal/apps/{name}\npollInterval: 5s\nrepositories:\n  app:\n    url: file://${testRepository}\n    tags: "v*"\n`,
  );
  return file;
}
