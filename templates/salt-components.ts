import { everyNode, roleEntry, roleNames } from "../topology/roles.ts";

/** Text of `salt/components.jinja`. A test keeps the two equal, and writes the file when it is run with `--update`. */
export function saltComponents(): string {
  const lines = roleNames.map((role) => `  ${JSON.stringify(role)}: ${list(roleEntry(role).components)},`);
  return `{#- What each role is made of. A node's id starts with its role: bastion, registry-1, proxy-2; images are baked as \`proxy\`.
   \`node\` is what all have in common: the image that the others are baked from. -#}
{%- set components = {
  "node": ${list(everyNode)},
${lines.join("\n")}
}[grains["id"].split("-")[0]] -%}
`;
}

const list = (names: readonly string[]) => `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
