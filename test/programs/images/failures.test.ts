import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { reportOf } from "../../../cli/report.ts";
import { checkout } from "../../../common/checkout.ts";
import { silently } from "../../../common/step.ts";
import { type BuildImageProps, buildImage } from "../../../images/build-image.ts";
import { gitRetries } from "../../../images/git/git.ts";
import { registryRetries } from "../../../registry/client.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { AnsweringServers, refusing, refusingToRead, refusingToStore, TestAuthority } from "./answering.ts";
import { type GitHttpServer, type GitServer, startGitDaemon, startGitHttp, TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { cosignProgram } from "./supply-programs.ts";

const { title, skip } = suiteWith("a build that fails", {
  git: "git",
  buildah: "buildah",
  busybox: "busybox-static",
  openssl: "openssl",
});

const secrets = ["a-password-that-nobody-may-see", "git-password", "value-of-the-secret", "wrong-password"];
/** Messages of Node.js, libraries and runtimes, and stack traces. */
const foreign =
  /^ +at |node:internal|\b(E[A-Z]{4,}|ERR_\w+)\b|errno|syscall|getaddrinfo|[Ee]rror: connect|Command failed|imagebuilder|registry-cluster itself|undefined|\[object/m;

/** What to build, and the words that the failure must have: some for the cause, some for the mend. */
type Case = readonly [what: string, props: () => Partial<BuildImageProps>, told: RegExp[], mend: RegExp];

describe.skipIf(skip)(title, () => {
  let folder: string;
  let git: GitServer;
  let http: GitHttpServer;
  let registry: TestRegistry;
  let authority: TestAuthority;
  const servers = new AnsweringServers();
  const hosts: Record<string, string> = {};

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    // These tests are about messages, so they need not wait for retries.
    for (const retries of [gitRetries, registryRetries]) {
      Object.assign(retries, { attempts: 2, firstPause: 0.01, longestPause: 0.01 });
    }
    folder = lastingFolder();
    git = await startGitDaemon(folder);
    http = await startGitHttp(folder, { login: "reader:git-password" });
    registry = await startRegistry(folder);
    authority = new TestAuthority(folder, "authority");
    new TestAuthority(folder, "stranger");
    for (const status of [401, 403, 404, 405, 413, 429, 500, 507]) {
      hosts[`answers ${status}`] = await servers.start(refusing(status));
      hosts[`stores ${status}`] = await servers.start(refusingToStore(status));
      hosts[`reads ${status}`] = await servers.start(refusingToRead(status));
    }
    hosts.page = await servers.start((_request, response) =>
      response.setHeader("content-type", "text/html").end("<!doctype html>\n<title>Log in</title>\n"),
    );
    hosts.drops = await servers.start((request) => request.socket.destroy());
    hosts["good tls"] = await servers.start(refusing(404), authority.issue("127.0.0.1", { days: 1 }));
    hosts["expired tls"] = await servers.start(refusing(404), authority.issue("127.0.0.1", { days: 0 }));
    hosts["named tls"] = await servers.start(refusing(404), authority.issue("127.0.0.9", { days: 1 }));
    const insecure = Object.values(hosts).map((host) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
    const own = `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`;
    vi.stubEnv("CONTAINERS_REGISTRIES_CONF", write(join(folder, "registries.conf"), [own, ...insecure].join("\n")));
    vi.stubEnv("REGISTRY_AUTH_FILE", join(registry.logins, "config.json"));
    vi.stubEnv("DOCKER_CONFIG", registry.logins);
    vi.stubEnv("BUILDAH_ISOLATION", "chroot");
    vi.stubEnv("AN_EMPTY_VARIABLE", "");
    fill();
    await buildImage({ ...usual("arm"), platforms: ["linux/arm64", "linux/s390x"], push: place("arm") }, silently);
    await buildImage({ ...usual("good"), push: place("taken") }, silently);
  }, 900_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    servers.stop();
    await Promise.all([git?.stop(), http?.stop(), registry?.stop()]);
  });

  const place = (name: string) => `${registry.host}/${name}`;
  const usual = (name: string) => ({ repository: `${git.url}/${name}.git`, ref: "v1", builder: "buildah" });

  const withBusybox = 'FROM scratch\nCOPY busybox /busybox\nSHELL ["/busybox", "sh", "-c"]\n';
  /** Repositories with their Dockerfiles, each with a tag v1. */
  const dockerfiles: Record<string, string> = {
    good: "FROM scratch\nCOPY . /\n",
    arm: "FROM scratch\nCOPY . /\n",
    typo: "FROM scratch\nCOPPY . /\n",
    empty: "# nothing\n",
    "no-from": "RUN true\n",
    "run-fails": `${withBusybox}RUN echo the reason is this; exit 3\n`,
    "run-killed": `${withBusybox}RUN kill -9 $$\n`,
    "run-no-program": `${withBusybox}RUN nosuchprogram --now\n`,
    "run-no-shell": "FROM scratch\nRUN true\n",
    "run-network": `${withBusybox}RUN /busybox wget http://nowhere.invalid/x\n`,
    "run-refused": `${withBusybox}RUN /busybox wget http://127.0.0.1:1/x\n`,
    "copy-missing": "FROM scratch\nCOPY nothing /\n",
    "copy-outside": "FROM scratch\nCOPY ../nothing /\n",
    "copy-stage": "FROM scratch\nCOPY --from=nostage /x /\n",
    "add-url": "FROM scratch\nADD http://127.0.0.1:1/x /\n",
    "needs-arg": "FROM ${BASE}\nCOPY . /\n",
    "needs-secret": `${withBusybox}RUN --mount=type=secret,id=npm,required=true /busybox cat /run/secrets/npm\n`,
    "bad-mount": `${withBusybox}RUN --mount=type=nonsense /busybox true\n`,
    heredoc: `${withBusybox}RUN <<E\ntrue\nE\n`,
    "bad-env": "FROM scratch\nENV\n",
    "base-name": "FROM Not_A_Name\n",
  };

  function fill(): void {
    const bases: Record<string, string> = {
      "base-refused": "127.0.0.1:1/base:1",
      "base-unknown-host": "nowhere.invalid/base:1",
      "base-absent": place("no-such-base:1"),
      "base-platform": place("arm:v1"),
      ...Object.fromEntries([401, 403, 404, 429, 500].map((s) => [`base-${s}`, `${hosts[`reads ${s}`]}/base:1`])),
    };
    for (const [name, base] of Object.entries(bases)) dockerfiles[name] = `FROM ${base}\nCOPY . /\n`;
    for (const [name, Dockerfile] of Object.entries(dockerfiles)) {
      const repository = new TestRepository(folder, name);
      if (Dockerfile.startsWith(withBusybox)) repository.addProgram("busybox", "/bin/busybox");
      repository.commit({ Dockerfile, "sub/file.txt": "" });
      repository.tag("v1");
    }
    const good = new TestRepository(folder, "moved");
    good.commit({ Dockerfile: "FROM scratch\nCOPY . /\n", "other.txt": "" });
    good.tag("v1");
    good.tag("v1+build.5");
    good.tag("both");
    good.git("push", "--quiet", "origin", "HEAD:refs/heads/both");
    const tree = good.git("rev-parse", "HEAD^{tree}");
    good.git("tag", "of-a-tree", tree);
    good.git("push", "--quiet", "origin", "refs/tags/of-a-tree");
    const links = new TestRepository(folder, "links");
    links.link("Dockerfile", "/etc/passwd");
    links.commit({});
    links.tag("v1");
    const submodule = new TestRepository(folder, "submodule");
    submodule.commit({
      Dockerfile: "FROM scratch\n",
      ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ../gone.git\n',
    });
    submodule.git("update-index", "--add", "--cacheinfo", `160000,${submodule.git("rev-parse", "HEAD")},x`);
    submodule.git("commit", "--quiet", "--message=submodule");
    submodule.git("push", "--quiet", "origin", "HEAD:main");
    submodule.tag("v1");
    const lfs = new TestRepository(folder, "lfs");
    lfs.git("config", "core.hooksPath", "/dev/null");
    lfs.commit({
      Dockerfile: "FROM scratch\nCOPY . /\n",
      ".gitattributes": "*.bin filter=lfs\n",
      "large.bin": `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12\n`,
    });
    lfs.tag("v1");
    new TestRepository(folder, "bare");
  }

  async function failure(props: Partial<BuildImageProps>): Promise<string> {
    const error = await buildImage({ ...usual("good"), ...props }, silently).then(
      (built) => `built: ${JSON.stringify(built)}`,
      (reason: unknown) => reason,
    );
    return reportOf(error).text;
  }

  function check(text: string, told: readonly RegExp[], mend: RegExp): void {
    for (const words of told) expect(text).toMatch(words);
    expect(text).toMatch(/^ {2}mend: \S/m);
    expect(/^ {2}mend: (.*)$/m.exec(text)?.[1]).toMatch(mend);
    expect(text).not.toMatch(foreign);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }

  const caFile = () => authority.file;

  const ofGit: Case[] = [
    ["an unknown tag or branch", () => ({ ref: "v9" }), [/no tag, branch or commit 'v9'/, /v1/], /git ls-remote/],
    ["a ref of an empty repository", () => usual("bare"), [/'v1'/, /none at all/], /push/],
    ["an unknown commit", () => ({ ref: "0123456789" }), [/commit 0123456789/, /good\.git/], /check the hash|push/],
    ["a whole unknown commit", () => ({ ref: `${"0".repeat(39)}1` }), [/commit 0{39}1/], /check the hash|push/],
    ["a name that no ref can have", () => ({ ref: "a..b" }), [/'a\.\.b'/], /git ls-remote/],
    [
      "an ambiguous ref",
      () => ({ ...usual("moved"), ref: "both" }),
      [/'both' is ambiguous/],
      /--ref refs\/(tags|heads)\/both/,
    ],
    [
      "a tag of a tree",
      () => ({ ...usual("moved"), ref: "of-a-tree" }),
      [/of-a-tree points to a tree/],
      /tag of a commit/,
    ],
    [
      "no such folder",
      () => ({ repository: "./nowhere" }),
      [/'\.\/nowhere'/, /no such folder/],
      /https:\/\/HOST\/PATH/,
    ],
    ["a folder without git", () => ({ repository: "/usr" }), [/refs of \/usr/], /check the URL/],
    ["a protocol of no git", () => ({ repository: "ftp://host.test/app.git" }), [/protocol is ftp/], /https:/],
    ["plain http of afar", () => ({ repository: "http://host.test/app.git" }), [/over http/], /--insecure-git/],
    ["no repository at the daemon", () => usual("nowhere"), [/refs of git:.*nowhere\.git/], /check the URL/],
    [
      "no repository at the web server",
      () => ({ repository: `http://${hosts["answers 404"]}/app.git` }),
      [/\/app\.git/],
      /check the URL/,
    ],
    [
      "nobody who listens for git",
      () => ({ repository: "git://127.0.0.1:1/app.git" }),
      [/127\.0\.0\.1:1/],
      /host's name|reached/,
    ],
    [
      "nobody who listens for http",
      () => ({ repository: "http://127.0.0.1:1/app.git" }),
      [/127\.0\.0\.1:1/],
      /host's name|reached/,
    ],
    [
      "nobody who listens for ssh",
      () => ({ repository: "ssh://git@127.0.0.1:1/app.git" }),
      [/127\.0\.0\.1:1/],
      /host's name|reached/,
    ],
    ["an unknown host", () => ({ repository: "https://nowhere.invalid/app.git" }), [/nowhere\.invalid/], /host's name/],
    [
      "an unknown host for ssh",
      () => ({ repository: "ssh://git@nowhere.invalid/app.git" }),
      [/nowhere\.invalid/],
      /host's name/,
    ],
    ["a private repository", () => ({ repository: `${http.url}/good.git` }), [/good\.git/], /log in: /],
    [
      "a wrong password",
      () => ({ repository: `${http.url.replace("//", "//reader:wrong-password@")}/good.git` }),
      [/good\.git/],
      /log in: /,
    ],
    [
      "a forbidden repository",
      () => ({ repository: `http://${hosts["answers 403"]}/app.git` }),
      [/app\.git/],
      /log in: /,
    ],
    [
      "a page in the place of git",
      () => ({ repository: `http://${hosts.page}/app.git` }),
      [/app\.git/],
      /something other than git/,
    ],
    [
      "a git server that is broken",
      () => ({ repository: `http://${hosts["answers 500"]}/app.git` }),
      [/app\.git/],
      /server.*(again|later)/,
    ],
    [
      "a git server that asks to wait",
      () => ({ repository: `http://${hosts["answers 429"]}/app.git` }),
      [/app\.git/],
      /again|later/,
    ],
    [
      "a git server that hangs up",
      () => ({ repository: `http://${hosts.drops}/app.git` }),
      [/app\.git/],
      /server.*(again|later)/,
    ],
    [
      "a git server of an unknown authority",
      () => ({ repository: `https://${hosts["good tls"]}/app.git` }),
      [/app\.git/],
      /http\.sslCAInfo/,
    ],
    ["a git server without TLS", () => ({ repository: `https://${hosts.page}/app.git` }), [/app\.git/], /TLS/],
    [
      "links out of the repository",
      () => usual("links"),
      [/Dockerfile -> \/etc\/passwd/],
      /lead to files of the repository/,
    ],
    [
      "a submodule that is gone",
      () => ({ ...usual("submodule"), submodules: true }),
      [/submodules/, /gone\.git/],
      /check the URL/,
    ],
    [
      "files that LFS does not have",
      () => ({ repository: `${http.url.replace("//", "//reader:git-password@")}/lfs.git`, lfs: true }),
      [/Git LFS files/],
      /LFS/,
    ],
  ];

  const ofTheBuild: Case[] = [
    [
      "no Dockerfile",
      () => ({ file: "Nofile" }),
      [/--file Nofile/, /no such file/],
      /path of the repository to --file/,
    ],
    ["a Dockerfile that is a folder", () => ({ file: "sub" }), [/--file sub/, /is a folder/], /--file/],
    ["a Dockerfile outside", () => ({ file: "../../x" }), [/--file \.\.\/\.\.\/x/, /outside/], /--file/],
    ["a context that is not there", () => ({ context: "nowhere" }), [/--context nowhere/], /--context/],
    [
      "a context that is a file",
      () => ({ context: "sub/file.txt" }),
      [/--context sub\/file.txt/, /is a file/],
      /--context/,
    ],
    ["an unknown instruction", () => usual("typo"), [/the build failed/, /COPPY/i], /spelling.*BuildKit/],
    ["an empty Dockerfile", () => usual("empty"), [/Dockerfile/], /FROM/],
    ["a Dockerfile without FROM", () => usual("no-from"), [/the build failed/], /FROM/],
    ["an ENV that is malformed", () => usual("bad-env"), [/the build failed/, /ENV/], /Dockerfile/],
    ["a RUN that fails", () => usual("run-fails"), [/the reason is this/, /3/], /correct .*RUN/],
    ["a RUN that is killed", () => usual("run-killed"), [/the build failed/], /memory/],
    ["a RUN of an unknown program", () => usual("run-no-program"), [/nosuchprogram/], /install|base image/],
    ["a RUN without a shell", () => usual("run-no-shell"), [/\/bin\/sh/], /base image/],
    ["a RUN that asks for an unknown host", () => usual("run-network"), [/nowhere\.invalid/], /network|name/],
    ["a RUN that is refused", () => usual("run-refused"), [/127\.0\.0\.1/], /network|reached/],
    ["a file that is not there to COPY", () => usual("copy-missing"), [/nothing/], /context/],
    ["a file outside to COPY", () => usual("copy-outside"), [/nothing/], /context/],
    ["a stage that is not there", () => usual("copy-stage"), [/nostage/], /stage|base image/],
    ["an ADD from nobody", () => usual("add-url"), [/127\.0\.0\.1:1/], /reached|address/],
    ["a missing build argument", () => usual("needs-arg"), [/the build failed/], /--build-arg/],
    ["a secret that was not given", () => usual("needs-secret"), [/npm/], /--secret id=/],
    ["an unknown mount", () => usual("bad-mount"), [/nonsense/], /spelling.*BuildKit/],
    ["a builder that is too old", () => usual("heredoc"), [/buildah .*here-documents/], /BuildKit/],
    ["a name that no image has", () => usual("base-name"), [/Not_A_Name/i], /lower[- ]case/],
    ["a base image of nobody", () => usual("base-refused"), [/127\.0\.0\.1:1/], /reach it/],
    ["a base image of an unknown host", () => usual("base-unknown-host"), [/nowhere\.invalid/], /reach it/],
    ["a base image that is not there", () => usual("base-absent"), [/no-such-base/], /base image/],
    ["a base image of another platform", () => usual("base-platform"), [/\/arm/], /--platform/],
    ["a base image that wants a login", () => usual("base-401"), [/base/], /log in/],
    ["a base image that is forbidden", () => usual("base-403"), [/base/], /log in/],
    ["a base image that its registry lacks", () => usual("base-404"), [/base/], /base image/],
    ["a base image of a registry that asks to wait", () => usual("base-429"), [/base/], /log in|later/],
    ["a base image of a registry that is broken", () => usual("base-500"), [/base/], /later|again/],
    [
      "a secret's file that is not there",
      () => ({ secrets: [{ id: "npm", from: { file: "/nowhere/npm" } }] }),
      [/secret npm/, /\/nowhere\/npm: there is no such file/],
      /name (a|an existing) file/,
    ],
    [
      "a secret's file that is a folder",
      () => ({ secrets: [{ id: "npm", from: { file: "/usr" } }] }),
      [/secret npm/, /\/usr: it is a folder/],
      /name (a|an existing) file/,
    ],
    [
      "a secret's file that is empty",
      () => ({ secrets: [{ id: "npm", from: { file: "/dev/null" } }] }),
      [/secret npm/, /\/dev\/null/],
      /bytes/,
    ],
    [
      "a secret's variable that is not set",
      () => ({ secrets: [{ id: "npm", from: { variable: "NOT_SET" } }] }),
      [/secret npm/, /NOT_SET/],
      /export/,
    ],
    [
      "a secret's variable that is empty",
      () => ({ secrets: [{ id: "npm", from: { variable: "AN_EMPTY_VARIABLE" } }] }),
      [/AN_EMPTY_VARIABLE/],
      /export/,
    ],
    [
      "an argument that is a secret",
      () => ({ buildArgs: { NPM_TOKEN: "value-of-the-secret" } }),
      [/NPM_TOKEN/],
      /--secret/,
    ],
    ["an unknown builder", () => ({ builder: "kaniko" }), [/'kaniko'/], /buildkit, buildah/],
    ["a builder that cannot attest", () => ({ sbom: true }), [/bill of materials/], /buildx create/],
    ["a platform that is none", () => ({ platforms: ["nonsense"] }), [/nonsense/], /linux\/arm64/],
    [
      "a list of platforms that stays, with one that is none",
      () => ({ platforms: ["linux/amd64", "a/b/c/d"] }),
      [/a\/b\/c\/d/],
      /linux\/arm64/,
    ],
  ];

  const to = (host: string) => () => ({ push: `${hosts[host]}/app` });
  const secured =
    (host: string, file = caFile) =>
    () => ({ push: `${hosts[host]}/app`, caFile: file() });
  const ofThePush: Case[] = [
    ["a name without a registry", () => ({ push: "app" }), [/'app' is not a place/], /HOST\[:PORT\]\/PATH/],
    ["a name in capitals", () => ({ push: "r.test/App" }), [/r\.test\/App/], /HOST/],
    ["a name with a tag", () => ({ push: "r.test/app:v1" }), [/r\.test\/app:v1/], /without a tag/],
    [
      "a tag that no image can have",
      () => ({ ...usual("moved"), ref: "v1+build.5", push: place("x") }),
      [/v1\+build\.5/],
      /commit/,
    ],
    ["a tag of another commit", () => ({ ...usual("moved"), push: place("taken") }), [/taken:v1/], /--move-tag/],
    [
      "nobody who listens",
      () => ({ push: "127.0.0.1:1/app" }),
      [/127\.0\.0\.1:1/, /nothing listens there/],
      /address and port|host and port/,
    ],
    [
      "an unknown host",
      () => ({ push: "nowhere.invalid/app" }),
      [/nowhere\.invalid/, /the host name is unknown|no name server answers/],
      /DNS/,
    ],
    ["a registry that hangs up", to("drops"), [/closed the connection/], /log|again/],
    [
      "a page in the place of a registry",
      to("page"),
      [/127\.0\.0\.1:\d+ is not a registry/, /text\/html/],
      /host and port/,
    ],
    ["an unknown authority", secured("good tls", () => join(folder, "stranger.crt")), [/authority/], /--ca-file/],
    ["an expired certificate", secured("expired tls"), [/expired/], /renew|new certificate/],
    ["a certificate of another name", secured("named tls"), [/127\.0\.0\.1/, /127\.0\.0\.9|other name/], /name/],
    ["a registry without TLS", secured("answers 404"), [/TLS/], /TLS/],
    [
      "no certificate of the authority",
      () => ({ push: place("x"), caFile: "/nowhere/ca.crt" }),
      [/\/nowhere\/ca\.crt/],
      /--ca-file/,
    ],
    ["a folder for the certificate", () => ({ push: place("x"), caFile: "/usr" }), [/\/usr/], /--ca-file/],
    ["what is no certificate", () => ({ push: place("x"), caFile: "/etc/hostname" }), [/\/etc\/hostname/], /--ca-file/],
    [
      "a damaged certificate",
      () => ({
        push: place("x"),
        caFile: write(join(folder, "bad.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
      }),
      [/bad\.crt/],
      /--ca-file/,
    ],
    ["a login that is needed", to("answers 401"), [/status 401/], /docker login 127\.0\.0\.1:\d+/],
    ["a right that is missing", to("answers 403"), [/status 403/], /docker login/],
    ["a question that is not allowed", to("answers 405"), [/status 405/], /registry/],
    ["a registry that asks to wait", to("answers 429"), [/status 429/], /later/],
    ["a registry that is broken", to("answers 500"), [/status 500/], /log/],
    ["a push that needs a login", to("stores 401"), [/\/app/], /docker login/],
    ["a push that is forbidden", to("stores 403"), [/\/app/], /docker login/],
    ["a push to what cannot be written to", to("stores 404"), [/\/app/], /name|exist/],
    ["a push that is not allowed", to("stores 405"), [/\/app/], /read|writ/],
    ["a push that is too large", to("stores 413"), [/\/app/], /limit/],
    ["a push that has to wait", to("stores 429"), [/\/app/], /later/],
    ["a push to a registry that is broken", to("stores 500"), [/\/app/], /log/],
    ["a push to a registry that is full", to("stores 507"), [/\/app/], /room|disk/],
    [
      "a key that is not there",
      () => ({ push: place("signed"), sign: "/nowhere/cosign.key" }),
      [/\/nowhere\/cosign\.key|cosign/],
      /cosign/,
    ],
  ];

  it.concurrent.each(ofGit)(
    "for git says in our words what is wrong, and the mend: %s",
    async (_what, props, told, mend) => {
      check(await failure(props()), told, mend);
    },
    120_000,
  );

  it.concurrent.each(ofTheBuild)(
    "says in our words what is wrong, and the mend: %s",
    async (_what, props, told, mend) => {
      check(await failure(props()), told, mend);
    },
    120_000,
  );

  it.concurrent.each(ofThePush)(
    "for the registry says in our words what is wrong, and the mend: %s",
    async (_what, props, told, mend) => {
      check(await failure(props()), told, mend);
    },
    300_000,
  );

  describe("on the command line", () => {
    let programs: string;
    beforeAll(async () => {
      programs = join(folder, "bin");
      mkdirSync(programs);
      for (const name of ["git", "buildah", "node", "unshare", "sh", "mount"]) {
        const { stdout } = await execa("which", [name]);
        symlinkSync(stdout, join(programs, name));
      }
      symlinkSync(await cosignProgram(), join(folder, "cosign"));
      await execa("./cosign", ["generate-key-pair"], { cwd: folder, env: { COSIGN_PASSWORD: "right" } });
      chmodSync(join(folder, "cosign"), 0o755);
      const large = new TestRepository(folder, "large");
      large.commit({
        Dockerfile: "FROM scratch\nCOPY . /\n",
        "noise.txt": Array.from({ length: 400_000 }, Math.random).join(),
      });
      large.tag("v1");
    }, 900_000);

    const run = async (args: readonly string[], env: NodeJS.ProcessEnv, by: readonly string[] = []) => {
      const [program = "node", ...rest] = [...by, "node", join(checkout, "cli", "bin.js"), "image", "build", ...args];
      const { stderr, exitCode } = await execa(program, rest, { reject: false, env });
      expect(exitCode).toBe(1);
      return stderr;
    };
    const good = () => [`${git.url}/good.git`, "--ref", "v1"];
    const signed = () => [...good(), "--push", place("signed"), "--sign", join(folder, "cosign.key")];

    it("of a builder that is not there", async () => {
      const few = join(folder, "few-programs");
      mkdirSync(few);
      for (const name of ["git", "node"]) symlinkSync(join(programs, name), join(few, name));
      check(await run(good(), { PATH: few }), [/no buildkit, no buildah/], /install buildah/);
    });

    it("of a disk that fills up", async () => {
      const TMPDIR = join(folder, "small");
      mkdirSync(TMPDIR);
      const by = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=1m small "$TMPDIR" && exec "$@"', "sh"];
      const text = await run([`${git.url}/large.git`, "--ref", "v1", "--push", place("large")], { TMPDIR }, by);
      check(text, [/large\.git|disk/], /TMPDIR/);
    });

    it("of a folder for temporary files that is not there", async () => {
      check(await run(good(), { TMPDIR: "/nowhere/tmp" }), [/\/nowhere\/tmp/], /TMPDIR/);
    });

    it("of a cosign that is not there", async () => {
      check(await run(signed(), { PATH: programs }), [/cosign is not installed here/], /install cosign/);
    });

    it("of a wrong password of the key", async () => {
      const env = { PATH: `${folder}:${process.env.PATH}`, COSIGN_PASSWORD: "wrong-password" };
      check(await run(signed(), env), [/cosign\.key/], /COSIGN_PASSWORD/);
    });

    it("of a key that is not there", async () => {
      const args = [...good(), "--push", place("signed"), "--sign", "/nowhere/cosign.key"];
      check(await run(args, { PATH: `${folder}:${process.env.PATH}` }), [/\/nowhere\/cosign\.key/], /key/);
    });
  });
});
