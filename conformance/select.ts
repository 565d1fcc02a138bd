/** Which requirements a run is about: the `--rfc`, `--only` and `--exclude` of the commands, as one predicate on requirement ids. */

/** What was asked for; a list that is absent or empty asks for everything. */
export interface Selection {
  /** RFC numbers. */
  readonly rfcs?: readonly number[];
  /** Globs on requirement ids, of which one must match: `*` is any run of characters, `?` is one. */
  readonly only?: readonly string[];
  /** Globs on requirement ids, of which none may match. */
  readonly exclude?: readonly string[];
}

/** A glob as a regular expression over the whole id; letters match in either case. @example globPattern('RFC8684-3.2-*').test('RFC8684-3.2-6') */
export const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

/** RFC number of a requirement id; -1 for what is none. @example rfcOf('RFC8684-3.2-6') // 8684 */
export const rfcOf = (id: string): number => Number(/^RFC(\d+)-/.exec(id)?.[1] ?? -1);

/**
 * The predicate of a selection.
 * @example selector({ rfcs: [8684], exclude: ['*-3.3.*'] })('RFC8684-3.2-6') // true
 */
export const selector = (selection: Selection): ((id: string) => boolean) => {
  const rfcs = selection.rfcs ?? [];
  const only = (selection.only ?? []).map(globPattern);
  const exclude = (selection.exclude ?? []).map(globPattern);
  return (id) =>
    (rfcs.length === 0 || rfcs.includes(rfcOf(id))) &&
    (only.length === 0 || only.some((pattern) => pattern.test(id))) &&
    !exclude.some((pattern) => pattern.test(id));
};
