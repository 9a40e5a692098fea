/** The settings of a section about machines that decide how many there are. */
export interface MachineCount {
  readonly count?: number;
  readonly enabled?: boolean;
}

/**
 * How many machines a section asks for: as many as it counts, none if it is not enabled, else one.
 *
 * @returns undefined if its count is unknown, because it is wrong
 */
export function machineCount(section: MachineCount): number | undefined {
  if ("enabled" in section && !section.enabled) return 0;
  return "count" in section ? section.count : 1;
}
