import { fixFor, type KnownFixes } from "../known-fixes.ts";

/** How to mend a failed build, judging by its last lines. */
export function fixForBuild(lines: string): string {
  const isRun = /building at STEP "RUN|process "[^\n]*did not complete/.test(lines);
  return fixFor(lines, anyStep) ?? (isRun ? (fixFor(lines, run) ?? usualOfRun) : (fixFor(lines, otherSteps) ?? usual));
}

const usual = "see the last lines above: correct the Dockerfile, commit that, and build again";
const usualOfRun = "see the last lines above: correct what this RUN does, commit that, and build again";

const anyStep: KnownFixes = [
  [
    /no space left/i,
    "free some disk space (TMPDIR names the folder that is used), and remove unused images: buildah prune",
  ],
  [
    /unknown (instruction|flag)|invalid mount|unsupported mount|parse error/i,
    "correct its spelling in the Dockerfile; if it is right, this builder is too old for it: build with BuildKit",
  ],
  [
    /secret required|no secret with id|secret \S+: not found/i,
    "give the secret: --secret id=NAME,src=FILE, or `secrets` in the file",
  ],
  [
    /exec format error/i,
    "use a base image of the target platform, or install QEMU for other platforms: qemu-user-static",
  ],
];

/** A RUN may print anything, so its output is not searched for registry errors. */
const run: KnownFixes = [
  [
    /exited on killed|signal: killed|exit (status|code):? 137|out of memory|cannot allocate memory/i,
    "it was killed, most likely because memory ran out: give the builder more memory, or let the RUN do less at once",
  ],
  [
    /\/bin\/sh: no such file|exec: "\/bin\/sh"/,
    'use a base image with a shell, or write RUN as a list: RUN ["/program"]',
  ],
  [/exit (status|code):? 127/, "install the program in an earlier RUN, or use a base image that has it"],
  [
    /no such host|bad address|name resolution|could not resolve|connection refused|timed out|unreachable/i,
    "check that the builder can reach what the RUN asks for: its network, DNS and proxy",
  ],
];

const otherSteps: KnownFixes = [
  [
    /no FROM statement|no build stage|should not be blank|file with no instructions|Dockerfile cannot be empty/i,
    "begin the Dockerfile with a FROM that names an image; if the name is an argument, give it: --build-arg NAME=VALUE",
  ],
  [
    /invalid platform|unknown operating system or architecture|platform specifier/i,
    "name platforms as linux/amd64 or linux/arm64",
  ],
  [
    /no image found in (image index|manifest list)|no match for platform/i,
    "use a base image for this platform, or build for one that it has: --platform OS/ARCH",
  ],
  [
    /must be lower-?case|invalid reference format/i,
    "write the base image in the Dockerfile as HOST/PATH:TAG, with a path in lower-case letters",
  ],
  [
    /toomanyrequests|too many requests|rate limit|status:? 429/i,
    "log in to the registry of the base image, use your own registry, or try again later",
  ],
  [
    /unauthorized|authentication required|failed to authorize|denied|forbidden|status:? 40[13]/i,
    "log in to the registry of the base image, and check the name of the image",
  ],
  [
    /manifest unknown|name unknown|not found: manifest|no stage or image|status:? 404|docker\.io\/\S+: not found/i,
    "check the name and tag of the base image, or of the stage, in the Dockerfile",
  ],
  [/x509|certificate/i, "make the builder trust the registry of the base image: /etc/containers/certs.d/HOST/ca.crt"],
  [
    /no such host|connection refused|i\/o timeout|unreachable|name resolution/i,
    "check the address in the Dockerfile, and that the builder can reach it: its network, DNS and proxy",
  ],
  [/status:? 5\d\d/i, "the registry of the base image fails: try again later, or use another registry"],
  [
    /no such file or directory|"\/[^"]*": not found|no items matching|failed to compute cache key|forbidden path outside/i,
    "name a file of the build's context: check the path, .dockerignore and --context",
  ],
];
