import { describe, expect, it } from "vitest";
import { configTable } from "../../../config/settings-table.ts";
import { costTables, readmeCost } from "./cost-parts.ts";
import { faultTable } from "./fault-table.ts";
import { roomsPicture } from "./rooms-picture.ts";
import { doc, docs } from "./support.ts";
import { timeoutTable } from "./timeout-table.ts";

/** What stands between `<!-- name: ... -->` and `<!-- /name -->`, by document. */
const generatedParts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "README.md": readmeCost,
  "docs/cost.md": costTables,
  "docs/settings.md": { settings: configTable() },
  "docs/how-it-works.md": { timeouts: timeoutTable() },
  "docs/decisions/0036-rooms.md": { rooms: roomsPicture() },
  "lab/README.md": { faults: faultTable() },
};

describe("the generated parts of a document", () => {
  it.each(Object.entries(generatedParts))(
    "are what the code says; npm run docs writes them: %s",
    async (path, parts) => {
      const { text } = doc(path);
      const generated = Object.entries(parts).reduce((all, [name, part]) => withPart(all, name, part), text);
      await expect(generated).toMatchFileSnapshot(`../../../${path}`);
    },
  );

  it("are all known: no document marks another one", () => {
    const marked = docs.flatMap(({ path, text }) =>
      [...text.matchAll(/^<!-- \/([\w-]+) -->$/gm)].map(([, name]) => `${path}: ${name}`),
    );
    const known = Object.entries(generatedParts).flatMap(([path, parts]) =>
      Object.keys(parts).map((name) => `${path}: ${name}`),
    );
    expect(marked.sort()).toEqual(known.sort());
  });
});

function withPart(text: string, name: string, part: string): string {
  const marked = new RegExp(`(<!-- ${name}: [^\\n]* -->\\n).*?(\\n<!-- /${name} -->)`, "s");
  if (!marked.test(text)) throw new Error(`no part '${name}': write <!-- ${name}: ... --> and <!-- /${name} --> there`);
  return text.replace(marked, (_whole, start: string, end: string) => `${start}${part}${end}`);
}
