import { everyNode, roleEntry, roleNames } from "../topology/roles.ts";

/** Text of `salt/components.jinja`. A test compares the two, and writes the file when it is run with `--update`. */
export function saltComponents(): string {
  const lines = roleNames.map((role) => `  ${JSON.stringify(role)}: ${list(roleEntry(role).components)},`);
  return `{#- The components of each role. A node's id starts with its role: bastion, registry-1, proxy-2; images are baked with the role as
   id, such as \`proxy\`. \`node\` has what all roles have in common, for the image that the others are baked from. -#}
{%- set components = {
  "node": ${list(everyNode)},
${lines.join("\n")}
}[grains["id"].split("-")[0]] -%}
`;
}

const list = (names: readonly string[]) => `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
