import { type ConfigFault, formatFault } from "../../config/errors.ts";
import { inFile } from "../../config/load.ts";
import type { Findings } from "./checks.ts";
import type { Problem } from "./problems.ts";

/** The findings for people, in the form of config errors. */
export function formatFindings(fileName: string, { passed, problems, notes }: Findings): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const sections = [
    passed.map((text) => `ok    ${text}`).join("\n"),
    notes.map((text) => `note  ${text}`).join("\n"),
    ...(problems.length > 0 ? [`${fileName} cannot be deployed: ${count}`] : [`${fileName} can be deployed`]),
    ...problems.map((problem) => formatFault(problem.subject ?? fileName, problem)),
  ];
  return sections.filter(Boolean).join("\n\n");
}

/** Adds line numbers of the config file to problems with its values, and puts these after all others. */
export function located(fileName: string, problems: readonly Problem[]): Problem[] {
  const isOfConfig = ({ subject }: Problem) => subject === undefined;
  const ofConfig: ConfigFault[] = inFile(fileName, problems.filter(isOfConfig));
  return [...problems.filter((problem) => !isOfConfig(problem)), ...ofConfig];
}
