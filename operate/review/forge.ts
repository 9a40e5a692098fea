/** A comment on a pull request, or a merge request. */
export interface ForgeComment {
  readonly id: number;
  readonly body: string;
  /** Its author, as `Forge.whoAmI` names them. */
  readonly author: string;
}

/** The functions that this program needs from GitHub and from GitLab. */
export interface Forge {
  /** The pull request, for messages. */
  readonly target: string;
  /** @returns the user of the token. */
  whoAmI(): Promise<string>;
  /** @returns one page of comments, oldest first; pages count from 1, and one that is not full is the last. */
  comments(page: number): Promise<readonly ForgeComment[]>;
  create(body: string): Promise<void>;
  update(comment: ForgeComment, body: string): Promise<void>;
}

/** Comments per page: the most that both forges allow. */
export const pageSize = 100;

export type Posted = "created" | "updated" | "unchanged";

/**
 * Leaves exactly one comment with the marker. It looks for an existing one before it writes, so it can be repeated after a failure
 * even if the forge may already have stored the comment.
 */
export async function postOnce(forge: Forge, marker: string, body: string): Promise<Posted> {
  const mine = await findComment(forge, marker);
  if (!mine) {
    await forge.create(body);
    return "created";
  }
  if (normalized(mine.body) === normalized(body)) return "unchanged";
  await forge.update(mine, body);
  return "updated";
}

/** Only our own comment counts: anybody who may comment could write the marker, and we would then overwrite theirs. */
async function findComment(forge: Forge, marker: string): Promise<ForgeComment | undefined> {
  const me = await forge.whoAmI();
  for (let page = 1; ; page++) {
    const comments = await forge.comments(page);
    const mine = comments.find(({ body, author }) => author === me && body.startsWith(marker));
    if (mine || comments.length < pageSize) return mine;
  }
}

/** Forges change line ends, and drop those at the end. */
const normalized = (body: string) => body.replaceAll("\r\n", "\n").trimEnd();
