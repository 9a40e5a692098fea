import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { untilListening } from "../chain/programs.ts";
import { write } from "../files.ts";
import { freePort } from "../moto.ts";

/** A bare repository, as on a server, for tests to fill. Its work tree is in the same folder. */
export class TestRepository {
  readonly bare: string;
  private readonly work: string;

  constructor(folder: string, name: string) {
    this.bare = join(folder, `${name}.git`);
    this.work = join(folder, name);
    mkdirSync(this.work);
    execaSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", this.bare]);
    execaSync("git", ["-C", this.bare, "config", "http.receivepack", "false"]);
    execaSync("git", ["-C", this.bare, "config", "uploadpack.allowFilter", "true"]);
    this.git("init", "--quiet", "--initial-branch=main");
    this.git("remote", "add", "origin", this.bare);
  }

  /** Commits files, and pushes the commit. @returns the commit */
  commit(files: Readonly<Record<string, string>>, seconds = 1_700_000_000): string {
    for (const [path, text] of Object.entries(files)) write(join(this.work, path), text);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message=change", `--date=${seconds} +0000`);
    this.git("push", "--quiet", "--force", "origin", "HEAD:main");
    return this.git("rev-parse", "HEAD");
  }

  /** Adds a program to the next commit. */
  addProgram(path: string, from: string): void {
    copyFileSync(from, join(this.work, path));
    chmodSync(join(this.work, path), 0o755);
  }

  /** Stores an object as it is, valid or not. @returns its hash */
  hashOf(content: string, type = "blob"): string {
    const args = ["hash-object", "-w", "--literally", "--stdin", "-t", type];
    return execaSync("git", args, { cwd: this.work, input: content }).stdout;
  }

  /** Adds a symbolic link to the next commit. */
  link(path: string, target: string): void {
    symlinkSync(target, join(this.work, path));
  }

  tag(name: string, { annotated = false, force = false } = {}): void {
    this.git("tag", ...(annotated ? ["--annotate", "--message=tag"] : []), ...(force ? ["--force"] : []), name);
    this.git("push", "--quiet", ...(force ? ["--force"] : []), "origin", `refs/tags/${name}`);
  }

  git(...args: string[]): string {
    const who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always"];
    const env = { GIT_COMMITTER_DATE: "1700000000 +0000" };
    return execaSync("git", [...who, ...args], { cwd: this.work, env }).stdout;
  }
}

export interface GitServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `git daemon`, which serves every repository of a folder. */
export async function startGitDaemon(folder: string): Promise<GitServer> {
  const port = await freePort();
  const options = [
    "--reuseaddr",
    "--export-all",
    "--listen=127.0.0.1",
    `--port=${port}`,
    `--base-path=${folder}`,
    "--max-connections=0",
  ];
  const daemon = execa("git", ["daemon", ...options, folder], { reject: false, stdio: "ignore" });
  await untilListening(port);
  return {
    url: `git://127.0.0.1:${port}`,
    async stop() {
      daemon.kill();
      await daemon;
    },
  };
}

export interface GitHttpServer extends GitServer {
  /** Bytes that it has sent to all clients so far. */
  sentBytes(): number;
  /** Every login that it has received so far, as `user:password`. */
  logins(): string[];
  /** Paths of all requests so far. */
  asked(): string[];
}

export interface GitHttpProps {
  /** `user:password` that it asks for. @default - everybody may read */
  readonly login?: string;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Key and certificate in PEM. @default - it uses plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Answers instead of git, once the login is right. @returns whether it did */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** git's own CGI program, for a folder of repositories. */
export async function startGitHttp(folder: string, props: GitHttpProps = {}): Promise<GitHttpServer> {
  const { login, host = "127.0.0.1", tls, instead = () => false } = props;
  const sockets: Socket[] = [];
  const logins: string[] = [];
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const given = request.headers.authorization;
    asked.push(request.url ?? "");
    if (given) logins.push(Buffer.from(given.replace("Basic ", ""), "base64").toString());
    const wanted = login && `Basic ${Buffer.from(login).toString("base64")}`;
    if (wanted && given !== wanted) response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
    else if (!instead(request, response)) serve(folder, request, response);
  };
  const server = tls ? createSecureServer(tls, answer) : createServer(answer);
  server.on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    sentBytes: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    logins: () => [...logins],
    asked: () => [...asked],
    url: `${tls ? "https" : "http"}://${host}:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => {});
  const parts: Buffer[] = [];
  backend.stdout.on("data", (part: Buffer) => parts.push(part));
  backend.stdout.on("end", () => {
    const answer = Buffer.concat(parts);
    const end = answer.indexOf("\r\n\r\n");
    const lines = answer.subarray(0, end).toString().split("\r\n");
    const headers = lines.map((line) => line.split(": ") as [string, string]);
    const status = Number(headers.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status")));
    response.end(answer.subarray(end + 4));
  });
}
