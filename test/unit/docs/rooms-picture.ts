import { rooms } from "../../../.dependency-cruiser.js";

/** The picture of the rooms, for decision 36. */
export function roomsPicture(): string {
  return ["```mermaid", "graph TD", ...drawnArrows(), "```"].join("\n");
}

/** The arrows that the others do not imply: who may import from a room need not be shown to import from those behind it. */
function drawnArrows(): string[] {
  const reaches = (from: string, to: string): boolean =>
    (rooms[from] ?? []).some((next) => next === to || reaches(next, to));
  return Object.entries(rooms).flatMap(([room, allowed]) =>
    allowed
      .filter((target) => !allowed.some((other) => other !== target && reaches(other, target)))
      .map((target) => `  ${room} --> ${target}`),
  );
}
