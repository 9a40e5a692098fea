import { describe, expect, it } from "vitest";
import { cpuBetween, parseMemory, parseProcesses } from "../../../bench/throughput/processes.ts";

const stat = (pid: number, command: string, userTicks: number, systemTicks: number) =>
  `${pid} (${command}) S 1 42 42 0 -1 4194624 1500 0 3 0 ${userTicks} ${systemTicks} 7 7 20 0 1 0 5000 9000000 1200\n`;

describe("processes", () => {
  it("have user and system time, without that of children", () => {
    expect(parseProcesses(stat(42, "nginx", 150, 50))).toEqual([{ pid: 42, command: "nginx", cpuSec: 2 }]);
  });

  it("may have blanks and parentheses in their names", () => {
    expect(parseProcesses(stat(7, "a (b) c", 100, 0))).toEqual([{ pid: 7, command: "a (b) c", cpuSec: 1 }]);
  });
});

describe("CPU time between two looks", () => {
  const before = [
    { pid: 1, command: "nginx", cpuSec: 10 },
    { pid: 2, command: "nginx", cpuSec: 20 },
    { pid: 3, command: "gone", cpuSec: 5 },
  ];

  it("is that of all processes of a program", () => {
    const after = [
      { pid: 1, command: "nginx", cpuSec: 11 },
      { pid: 2, command: "nginx", cpuSec: 22 },
    ];
    expect(cpuBetween(before, after)).toEqual(new Map([["nginx", 3]]));
  });

  it("counts a process that began in between from its beginning, also under an old number", () => {
    const after = [
      { pid: 3, command: "registry", cpuSec: 4 },
      { pid: 4, command: "registry", cpuSec: 2 },
    ];
    expect(cpuBetween(before, after)).toEqual(new Map([["registry", 6]]));
  });
});

describe("memory", () => {
  it("is summed over the processes of a program", () => {
    const text = `/proc/1/comm:nginx
/proc/12/comm:nginx
/proc/13/comm:keepalived
/proc/1/smaps_rollup:Pss:                1024 kB
/proc/12/smaps_rollup:Pss:               2048 kB
/proc/13/smaps_rollup:Pss:                512 kB
`;
    expect(parseMemory(text)).toEqual(
      new Map([
        ["nginx", 3],
        ["keepalived", 0.5],
      ]),
    );
  });
});
