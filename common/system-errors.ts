/** What the system's error codes mean, and how to mend them. */
interface Meaning {
  readonly problem: string;
  readonly fix: string;
}

const closed: Meaning = { problem: "the other side has closed the connection", fix: "try again" };
const unreached: Meaning = { problem: "no answer came in time", fix: "check this machine's network, and try again" };

/** A server that was reached, and does not answer. */
export const noAnswer: Meaning = {
  problem: unreached.problem,
  fix: "check that the server is healthy, and try again",
};

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { problem: "there is no such file or folder", fix: "name one that exists, or create it" },
  EACCES: { problem: "you may not use it", fix: "give yourself permission, or name another one" },
  EPERM: { problem: "the system does not allow it", fix: "use another user, or name another place" },
  EROFS: { problem: "it is on a read-only disk", fix: "name another place" },
  ENOSPC: { problem: "the disk is full", fix: "free some space; TMPDIR names the folder for temporary files" },
  EDQUOT: { problem: "your disk quota is used up", fix: "free some space" },
  EFBIG: {
    problem: "the file would be too large for the disk or your limits",
    fix: "name another place, or raise `ulimit -f`",
  },
  ELOOP: { problem: "its symbolic links lead in a circle", fix: "mend the link, or name the file itself" },
  ENOTDIR: { problem: "a part of the path is a file, not a folder", fix: "correct the path" },
  EISDIR: { problem: "it is a folder", fix: "name a file" },
  ENAMETOOLONG: { problem: "the path is too long", fix: "shorten it" },
  EEXIST: { problem: "it exists already", fix: "remove it, or name another place" },
  ENOTEMPTY: { problem: "the folder is not empty", fix: "empty it, or name another place" },
  EBUSY: { problem: "it is in use", fix: "stop what uses it" },
  ETXTBSY: { problem: "it is a program that is running", fix: "stop it" },
  EMFILE: { problem: "too many files are open", fix: "raise `ulimit -n`" },
  ENFILE: { problem: "too many files are open on this machine", fix: "stop other programs" },
  ENOMEM: { problem: "there is no memory left", fix: "stop other programs" },
  EAGAIN: { problem: "the system cannot start another process", fix: "stop other programs, or raise `ulimit -u`" },
  EIO: { problem: "the disk reports an error", fix: "look at the system's log" },
  ENXIO: { problem: "no program has its other end open", fix: "name a file" },
  E2BIG: { problem: "the command line is too long", fix: "shorten it" },
  ENOEXEC: { problem: "it is not a program for this machine", fix: "install the one for this machine" },
  ECONNREFUSED: { problem: "nothing listens there", fix: "check the address and port, and that the server runs" },
  ECONNRESET: closed,
  UND_ERR_SOCKET: closed,
  UND_ERR_CONNECT_TIMEOUT: unreached,
  UND_ERR_HEADERS_TIMEOUT: noAnswer,
  EPIPE: closed,
  ENOTFOUND: { problem: "the host name is unknown", fix: "check the name, and this machine's DNS" },
  EAI_AGAIN: { problem: "no name server answers", fix: "check this machine's network and DNS" },
  ETIMEDOUT: unreached,
  EHOSTUNREACH: { problem: "the machine cannot be reached", fix: "check this machine's network" },
  ENETUNREACH: { problem: "the network cannot be reached", fix: "check this machine's network" },
  EADDRINUSE: { problem: "the port is in use", fix: "choose another one" },
  EADDRNOTAVAIL: { problem: "this machine does not have the address", fix: "choose another one" },
};

/** @returns what a code such as `ENOENT` means, or undefined for an unknown one. */
export function meaningOf(code: unknown): Meaning | undefined {
  return typeof code === "string" && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
}

/** Why a file could not be read. @param otherwise what to say if the system does not tell */
export function whyUnreadable(error: unknown, otherwise = "it cannot be read"): string {
  return meaningOf((error as NodeJS.ErrnoException).code)?.problem ?? otherwise;
}
