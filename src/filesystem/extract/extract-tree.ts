import { counted } from '../../content/counted.js';
import { linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { fromSystemError, ImgkitError, isImgkitError } from '../../errors.js';
import { encodeText, printable } from '../../tar/text.js';
import { pushFiles } from '../file-bodies.js';
import type { ImageLayer, ReadLayerOptions } from '../image-layer.js';
import { fileSize } from '../inode.js';
import { join } from '../path-parts.js';
import type { BodyStage } from './body-stage.js';
import type { PlannedName } from './extract-plan.js';
import { FileWriter } from './file-writer.js';
import { losesSetId, setLinkMetadata, setMetadata, setSpecialMetadata, type Ownership } from './metadata.js';
import { OpenFolders } from './open-folders.js';
import { isKept, keptFiles, xattrNotes, type XattrChoice } from './choose-xattrs.js';
import { restoreXattrs, type AttributedFile, type RestoredXattrs } from './restore-xattrs.js';
import { makeSpecialFile } from './special-files.js';

export interface ExtractTreeOptions extends ReadLayerOptions {
  /** The open folder to write into: new, and nobody else's. */
  readonly into: number;
  /** As the user named it; for errors. */
  readonly name: string;
  readonly ownership: Ownership;
  /** Which extended attributes are written. */
  readonly xattrs: XattrChoice;
  /** Bodies that were written already; removed when all have their names. */
  readonly stage?: BodyStage | undefined;
}

export interface Extracted {
  readonly files: number;
  readonly folders: number;
  /** Symlinks and hard links. */
  readonly links: number;
  readonly specials: number;
  /** Bytes of files. */
  readonly bytes: number;
  /** What could not be made as it is, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Makes what `plan`, which is gone through several times, says below the folder `into`. No link is followed, nothing that is there is opened, and every parent is a
 * handle on a folder that was made here. Folders are writable until all is in them; mode, owner and time come last. Each layer
 * that holds a body which is not staged is read once, and proven when this resolves. Throws `file-exists` for names that the file system takes for one.
 */
export async function extractTree(plan: Iterable<PlannedName>, layers: readonly ImageLayer[], options: ExtractTreeOptions): Promise<Extracted> {
  const extraction = new Extraction(plan, options);
  try {
    extraction.makeFolders();
    await extraction.writeFiles(layers);
    if (options.stage !== undefined) {
      options.stage.remove();
      extraction.requireNames();
    }
    await extraction.makeOthers();
    await extraction.restoreXattrs();
    extraction.finishFolders();
    return extraction.result();
  } finally {
    extraction.close();
  }
}

class Extraction {
  readonly #plan: Iterable<PlannedName>;
  readonly #options: ExtractTreeOptions;
  readonly #opened: OpenFolders;
  readonly #writer: FileWriter;
  /** Parents first. */
  readonly #folders: PlannedName[] = [];
  /** Folders and files made in each folder. */
  readonly #counts = new Map<string, number>();
  readonly #attributed: AttributedFile[] = [];
  readonly #notes: string[] = [];
  readonly #tally = { files: 0, links: 0, specials: 0, bytes: 0 };
  #setIds = 0;
  #restored: RestoredXattrs | undefined;

  constructor(plan: Iterable<PlannedName>, options: ExtractTreeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#opened = new OpenFolders(options.into);
    this.#writer = new FileWriter(this.#opened, options.ownership);
  }

  close(): void {
    this.#writer.close();
    this.#opened.close();
  }

  makeFolders(): void {
    for (const planned of this.#plan) {
      if (planned.inode.type !== 'directory') continue;
      this.#folders.push(planned);
      this.#count(planned);
      this.#make(planned, (at) => mkdirSync(at, 0o700));
    }
  }

  async writeFiles(layers: readonly ImageLayer[]): Promise<void> {
    /** What is neither staged nor empty, by its layer. */
    const absent = new Map<ImageLayer, PlannedName[]>();
    for (const planned of this.#plan) {
      const { inode, first } = planned;
      if (inode.type !== 'file' || first !== undefined) continue;
      this.#tally.files += 1;
      this.#tally.bytes += fileSize(inode);
      if (losesSetId(inode, this.#options.ownership)) this.#setIds += 1;
      this.#count(planned);
      if (this.#placeStaged(planned)) continue;
      const layer = inode.size === 0 ? undefined : layers[inode.layer];
      const others = layer && absent.get(layer);
      if (layer === undefined) this.#try(planned, () => this.#writer.writeEmpty(planned));
      else if (others === undefined) absent.set(layer, [planned]);
      else others.push(planned);
    }
    for (const [layer, files] of absent) {
      files.sort((a, b) => a.inode.bodyOffset - b.inode.bodyOffset);
      const empty = new Set(files.filter(({ inode }) => inode.sparse !== undefined));
      await pushFiles(layer, files, { ...this.#options, proof: 'digest' }, ({ file, chunk, at }) => {
        empty.delete(file);
        this.#try(file, () => this.#writer.write(file, chunk, at));
      });
      throwIfInterrupted(this.#options.signal, `extracting into ${this.#options.name}`);
      this.#writer.finish();
      for (const file of empty) this.#try(file, () => this.#writer.writeEmpty(file));
    }
  }

  /** A file that took the place of another, whose name is the same to this file system, shows as a name too few; one too many is nobody's of us. */
  requireNames(): void {
    for (const [folder, count] of this.#counts) {
      let there: readonly string[] = [];
      this.#try({ folder, name: '' }, () => void (there = readdirSync(`/proc/self/fd/${this.#opened.handle(folder)}`, 'latin1')));
      if (there.length === count) continue;
      if (there.length > count) throw new ImgkitError('io-failed', `${this.#options.name}: somebody else put something into it while it was extracted; run it again when nobody does.`, { file: this.#options.name, entry: folder });
      this.#try({ folder, name: this.#lost(folder, new Set(there)) }, () => { throw Object.assign(new Error('the name is taken'), { code: 'EEXIST' }); });
    }
  }

  /** Symlinks, special files and further names of files: of any file the first name comes first. */
  async makeOthers(): Promise<void> {
    const { ownership } = this.#options;
    let left = 0;
    for (const planned of this.#plan) {
      const { folder, name, inode, first } = planned;
      if (first !== undefined) {
        this.#tally.links += 1;
        // Both handles must be open at once; the second lookup cannot close the first.
        if (!this.#isLeftOut(inode.type)) this.#make(planned, (at) => linkSync(this.#opened.at(first.folder, first.name), at));
        continue;
      }
      if (inode.xattrs.size > 0) this.#attributed.push({ path: join(folder, name), inode });
      if (inode.type === 'symlink') {
        this.#tally.links += 1;
        this.#make(planned, (at) => {
          symlinkSync(encodeText(inode.target), at);
          setLinkMetadata(at, inode, ownership);
        });
      } else if (inode.type !== 'directory' && inode.type !== 'file') {
        if (this.#isLeftOut(inode.type)) left += 1;
        else await this.#makeSpecial(planned);
      }
    }
    if (left > 0) this.#notes.push(`${counted(left, 'device')} left out; --preserve-owner makes them, as root`);
  }

  /** After owners, whose change takes capabilities away; before folders are closed. */
  async restoreXattrs(): Promise<void> {
    const { xattrs, into, signal } = this.#options;
    const files = keptFiles(this.#attributed, xattrs);
    if (files.length > 0) this.#restored = await restoreXattrs(into, files, (name) => isKept(name, xattrs), signal);
  }

  /** Children first: a folder that nobody may enter is closed when nothing is left to do in it. */
  finishFolders(): void {
    for (let i = this.#folders.length - 1; i >= 0; i--) {
      const planned = this.#folders[i] as PlannedName;
      this.#try(planned, () => setMetadata(this.#opened.handle(join(planned.folder, planned.name)), planned.inode, this.#options.ownership));
    }
  }

  result(): Extracted {
    if (this.#setIds > 0) this.#notes.push(`${counted(this.#setIds, 'file')} lost their set-user-ID or set-group-ID bits, which mean nothing without the owner; --preserve-owner keeps both`);
    this.#notes.push(...xattrNotes(this.#attributed, this.#options.xattrs, this.#restored));
    return { ...this.#tally, folders: this.#folders.length, notes: this.#notes };
  }

  #placeStaged(planned: PlannedName): boolean {
    const { stage } = this.#options;
    if (stage?.has(planned.inode) !== true) return false;
    this.#make(planned, (at) => stage.place(planned.inode, at));
    return true;
  }

  async #makeSpecial(planned: PlannedName): Promise<void> {
    const { ownership, signal, name: shown } = this.#options;
    const { folder, name, inode } = planned;
    throwIfInterrupted(signal, `extracting into ${shown}`);
    const at = this.#opened.at(folder, name);
    await makeSpecialFile(this.#opened.handle(folder), at, inode, signal);
    this.#try(planned, () => setSpecialMetadata(at, inode, ownership));
    this.#tally.specials += 1;
  }

  #isLeftOut(type: string): boolean {
    return this.#options.ownership === 'mine' && (type === 'character-device' || type === 'block-device');
  }

  #count({ folder }: PlannedName): void {
    this.#counts.set(folder, (this.#counts.get(folder) ?? 0) + 1);
  }

  /** What was made in `folder` and is not among the names that are `found` there. */
  #lost(folder: string, found: ReadonlySet<string>): string {
    for (const { folder: at, name, inode: { type }, first } of this.#plan) {
      if (at === folder && first === undefined && (type === 'directory' || type === 'file') && !found.has(encodeText(name).toString('latin1'))) return name;
    }
    return '';
  }

  #make(planned: PlannedName, work: (at: string | Buffer) => void): void {
    this.#try(planned, () => work(this.#opened.at(planned.folder, planned.name)));
  }

  #try({ folder, name }: Pick<PlannedName, 'folder' | 'name'>, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (isImgkitError(error)) throw error;
      const path = join(folder, name);
      const shown = `${this.#options.name}/${printable(path)}`;
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (error as NodeJS.ErrnoException).code === 'EISDIR') {
        throw new ImgkitError('file-exists', `${shown}: another name of the image is the same to this file system (upper and lower case, or another spelling of an accent); extract on one that tells them apart, or use imgkit export.`, { file: this.#options.name, entry: path }, { cause: error });
      }
      throw fromSystemError(error, shown, 'extracting it');
    }
  }
}
