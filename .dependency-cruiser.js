/**
 * The rooms of the house, and the rooms that each may import from; docs/decisions/0036 draws them. Tests may import everything.
 *
 * @type {Record<string, string[]>}
 */
export const rooms = {
  common: [],
  config: ["common"],
  topology: ["common", "config"],
  templates: ["common", "config", "topology"],
  registry: ["common", "config"],
  artifacts: ["common"],
  access: ["common", "config", "topology"],
  bundle: ["common", "config", "topology", "templates", "artifacts"],
  constructs: ["config", "topology"],
  stacks: ["config", "topology", "constructs"],
  images: ["common", "config", "registry"],
  machines: ["common", "config", "topology", "artifacts", "bundle"],
  operate: ["common", "config", "topology", "access", "artifacts"],
  lab: [
    "common",
    "config",
    "topology",
    "templates",
    "access",
    "artifacts",
    "bundle",
    "registry",
    "machines",
    "operate",
  ],
  cli: [
    ...["common", "config", "topology", "access", "artifacts", "registry", "images", "machines", "operate", "lab"],
    "bundle",
  ],
};

const below = (names) => `^(${names.join("|")})/`;

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-circle", severity: "error", from: {}, to: { circular: true } },
    { name: "no-broken-import", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `from-${room}`,
      comment: `${room}/ may import from ${allowed.map((name) => `${name}/`).join(", ") || "no other room"}`,
      severity: "error",
      from: { path: below([room]) },
      to: {
        path: "^[^/]+(/|\\.ts$)",
        pathNot: `${below([room, ...allowed, "node_modules"])}`,
        dependencyTypes: ["local"],
      },
    })),
    {
      name: "cdktf-stays-in-its-rooms",
      comment: "cdktf will be replaced one day (decision 1): only constructs, stacks and main.ts know it",
      severity: "error",
      from: { pathNot: "^(constructs|stacks|test)/|^main\\.ts$" },
      to: { path: "node_modules/(cdktf|constructs|@cdktf)/" },
    },
    {
      name: "nobody-imports-tests",
      severity: "error",
      from: { pathNot: "^test/|^vitest\\.config\\.ts$" },
      to: { path: "^test/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "cdktf\\.out|\\.cache|\\.lab" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
