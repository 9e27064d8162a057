import type { JsonObject } from '../content/json.js';
import { ImgkitError } from '../errors.js';
import { applyChanges, joinChanges } from './change-instruction.js';
import { withEntries, withField, withVariable } from './container-json.js';
import { withConfigField, withContainer, withStep, type ImageDraft } from './derive.js';

/** What shall be different about an image; what is not mentioned stays as it is. */
export interface EditRequest {
  /** Variables, taken as they are. */
  readonly env?: ReadonlyMap<string, string> | undefined;
  /** Labels, taken as they are. */
  readonly labels?: ReadonlyMap<string, string> | undefined;
  /** As after ENTRYPOINT in a Dockerfile; without `cmd` it clears an inherited CMD, as there. */
  readonly entrypoint?: string | undefined;
  /** As after CMD in a Dockerfile. */
  readonly cmd?: string | undefined;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  /** Further Dockerfile instructions, applied last. */
  readonly changes?: readonly string[] | undefined;
  /** Annotations of the manifest; they do not change the image ID. */
  readonly annotations?: ReadonlyMap<string, string> | undefined;
  /** RFC 3339. */
  readonly created?: string | undefined;
  readonly author?: string | undefined;
}

/** `draft` with the request fulfilled, and what is different, one clause each. Layers stay. A changed config gets a step in the history that says so. Throws `usage`. */
export function editDraft(draft: ImageDraft, request: EditRequest, stepCreated: string | undefined): { readonly draft: ImageDraft; readonly changes: readonly string[] } {
  const { created, author, annotations } = request;
  const said = instructions(request);
  let edited = said.length === 0 ? draft : withContainer(draft, (container) => editContainer(container, request));
  if (author !== undefined) edited = withConfigField(edited, 'author', author);
  if (created !== undefined) edited = withConfigField(edited, 'created', created);
  const inConfig = [...said, ...(author === undefined ? [] : [`author ${author}`]), ...(created === undefined ? [] : [`created ${created}`])];
  if (inConfig.length > 0) edited = withStep(edited, { created: created ?? stepCreated, createdBy: inConfig.join('; '), author, comment: 'imgkit edit' });
  const added = [...(annotations ?? [])];
  if (added.length > 0) edited = { ...edited, manifest: { ...edited.manifest, annotations: new Map([...edited.manifest.annotations, ...added]) } };
  return { draft: edited, changes: [...inConfig, ...added.map(([key, value]) => `annotation ${key}=${value}`)] };
}

function editContainer(container: JsonObject, { env, labels, cmd, entrypoint, user, workdir, changes }: EditRequest): JsonObject {
  let edited = container;
  for (const [name, value] of env ?? []) edited = withVariable(edited, checkedName(name), value);
  if (labels !== undefined && labels.size > 0) edited = withEntries(edited, 'Labels', labels);
  if (user !== undefined) edited = withField(edited, 'User', user);
  if (workdir !== undefined) edited = withField(edited, 'WorkingDir', checkedFolder(workdir));
  // CMD first: ENTRYPOINT clears only a CMD that was there before.
  const commands = [...(cmd === undefined ? [] : [`CMD ${cmd}`]), ...(entrypoint === undefined ? [] : [`ENTRYPOINT ${entrypoint}`])];
  return applyChanges(edited, [...commands, ...joinChanges(changes ?? [])]);
}

/** The request as Dockerfile instructions, for people. */
function instructions({ env, labels, user, workdir, cmd, entrypoint, changes }: EditRequest): readonly string[] {
  return [
    ...[...(env ?? [])].map(([name, value]) => `ENV ${name}=${value}`),
    ...[...(labels ?? [])].map(([name, value]) => `LABEL ${name}=${value}`),
    ...(user === undefined ? [] : [`USER ${user}`]),
    ...(workdir === undefined ? [] : [`WORKDIR ${workdir}`]),
    ...(cmd === undefined ? [] : [`CMD ${cmd}`]),
    ...(entrypoint === undefined ? [] : [`ENTRYPOINT ${entrypoint}`]),
    ...(changes ?? []),
  ];
}

function checkedName(name: string): string {
  if (name !== '' && !/[=\0]/.test(name)) return name;
  throw new ImgkitError('usage', `${JSON.stringify(name)} cannot be the name of a variable; write NAME=VALUE.`);
}

function checkedFolder(path: string): string {
  if (path.startsWith('/')) return path;
  throw new ImgkitError('usage', `${JSON.stringify(path)} is not a folder of the image; write its whole path, as in /srv/app.`);
}
