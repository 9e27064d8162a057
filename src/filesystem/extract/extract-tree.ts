import { counted } from '../../content/counted.js';
import { linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { fromSystemError, ImgkitError, isImgkitError } from '../../errors.js';
import { encodeText, printable } from '../../tar/text.js';
import { pushFiles } from '../file-bodies.js';
import type { ImageLayer, ReadLayerOptions } from '../image-layer.js';
import { fileSize } from '../inode.js';
import { join, split } from '../path-parts.js';
import type { BodyStage } from './body-stage.js';
import type { ExtractPlan } from './extract-plan.js';
import { FileWriter, type FileJob } from './file-writer.js';
import { losesSetId, setLinkMetadata, setMetadata, type Ownership } from './metadata.js';
import { OpenFolders } from './open-folders.js';
import { attributedFiles, isKept, xattrNotes, type XattrChoice } from './choose-xattrs.js';
import { restoreXattrs, type RestoredXattrs } from './restore-xattrs.js';
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
 * Makes what `plan` says below the folder `into`. No link is followed, nothing that is there is opened, and every parent is a
 * handle on a folder that was made here. Folders are writable until all is in them; mode, owner and time come last. Each layer
 * that holds a body which is not staged is read once, and proven when this resolves. Throws `file-exists` for names that the file system takes for one.
 */
export async function extractTree(plan: ExtractPlan, layers: readonly ImageLayer[], options: ExtractTreeOptions): Promise<Extracted> {
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
  readonly #plan: ExtractPlan;
  readonly #options: ExtractTreeOptions;
  readonly #folders: OpenFolders;
  readonly #writer: FileWriter;
  readonly #notes: string[] = [];
  #specials = 0;
  #restored: RestoredXattrs | undefined;

  constructor(plan: ExtractPlan, options: ExtractTreeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#folders = new OpenFolders(options.into);
    this.#writer = new FileWriter(this.#folders, options.ownership);
  }

  close(): void {
    this.#writer.close();
    this.#folders.close();
  }

  makeFolders(): void {
    for (const { path } of this.#plan.folders) this.#make(path, (at) => mkdirSync(at, 0o700));
  }

  async writeFiles(layers: readonly ImageLayer[]): Promise<void> {
    for (const [number, jobs] of this.#plan.files) {
      const layer = layers[number];
      if (layer === undefined) {
        for (const job of jobs) this.#try(job.path, () => this.#writer.writeEmpty(job));
        continue;
      }
      const absent = jobs.filter((job) => !this.#placeStaged(job));
      if (absent.length === 0) continue;
      const empty = new Set(absent.filter(({ inode }) => inode.sparse !== undefined));
      await pushFiles(layer, absent, { ...this.#options, proof: 'digest' }, ({ file, chunk, at }) => {
        empty.delete(file);
        this.#try(file.path, () => this.#writer.write(file, chunk, at));
      });
      throwIfInterrupted(this.#options.signal, `extracting into ${this.#options.name}`);
      this.#writer.finish();
      for (const job of empty) this.#try(job.path, () => this.#writer.writeEmpty(job));
    }
  }

  /** A file that took the place of another, whose name is the same to this file system, shows as a name too few; one too many is nobody's of us. */
  requireNames(): void {
    const counts = new Map<string, number>();
    const made = [...this.#plan.folders, ...[...this.#plan.files.values()].flat()].map(({ path }) => split(path));
    for (const [folder] of made) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    for (const [folder, count] of counts) {
      let there: readonly string[] = [];
      this.#try(folder, () => void (there = readdirSync(`/proc/self/fd/${this.#folders.handle(folder)}`, 'latin1')));
      if (there.length === count) continue;
      if (there.length > count) throw new ImgkitError('io-failed', `${this.#options.name}: somebody else put something into it while it was extracted; run it again when nobody does.`, { file: this.#options.name, entry: folder });
      const found = new Set(there);
      const [, lost = ''] = made.find(([parent, name]) => parent === folder && !found.has(encodeText(name).toString('latin1'))) ?? [];
      this.#try(join(folder, lost), () => { throw Object.assign(new Error('the name is taken'), { code: 'EEXIST' }); });
    }
  }

  async makeOthers(): Promise<void> {
    const { ownership } = this.#options;
    for (const { path, inode } of this.#plan.symlinks) {
      this.#make(path, (at) => {
        symlinkSync(encodeText(inode.target), at);
        setLinkMetadata(at, inode, ownership);
      });
    }
    await this.#makeSpecials();
    for (const { path, from, inode } of this.#plan.links) {
      if (this.#isLeftOut(inode.type)) continue;
      const [folder, name] = split(from);
      this.#make(path, (at) => {
        // Both handles must be open at once; the second lookup cannot close the first.
        linkSync(this.#folders.at(folder, name), at);
      });
    }
  }

  /** After owners, whose change takes capabilities away; before folders are closed. */
  async restoreXattrs(): Promise<void> {
    const { xattrs, into, signal } = this.#options;
    const files = attributedFiles(this.#plan, xattrs);
    if (files.length > 0) this.#restored = await restoreXattrs(into, files, (name) => isKept(name, xattrs), signal);
  }

  /** Children first: a folder that nobody may enter is closed when nothing is left to do in it. */
  finishFolders(): void {
    for (const { path, inode } of this.#plan.folders.toReversed()) this.#try(path, () => setMetadata(this.#folders.handle(path), inode, this.#options.ownership));
  }

  result(): Extracted {
    const { files, folders, symlinks, links } = this.#plan;
    const jobs = [...files.values()].flat();
    const setIds = jobs.filter(({ inode }) => losesSetId(inode, this.#options.ownership)).length;
    if (setIds > 0) this.#notes.push(`${counted(setIds, 'file')} lost their set-user-ID or set-group-ID bits, which mean nothing without the owner; --preserve-owner keeps both`);
    this.#notes.push(...xattrNotes(this.#plan, this.#options.xattrs, this.#restored));
    return { files: jobs.length, folders: folders.length, links: symlinks.length + links.length, specials: this.#specials, bytes: jobs.reduce((sum, { inode }) => sum + fileSize(inode), 0), notes: this.#notes };
  }

  #placeStaged({ path, inode }: FileJob): boolean {
    const { stage } = this.#options;
    if (stage?.has(inode) !== true) return false;
    this.#make(path, (at) => stage.place(inode, at));
    return true;
  }

  async #makeSpecials(): Promise<void> {
    const { ownership, signal } = this.#options;
    const { specials } = this.#plan;
    for (const { path, inode } of specials) {
      if (this.#isLeftOut(inode.type)) continue;
      throwIfInterrupted(signal, `extracting into ${this.#options.name}`);
      const [folder, name] = split(path);
      const at = this.#folders.at(folder, name);
      await makeSpecialFile(this.#folders.handle(folder), at, inode, signal);
      this.#try(path, () => setLinkMetadata(at, inode, ownership));
      this.#specials += 1;
    }
    const left = specials.filter(({ inode }) => this.#isLeftOut(inode.type)).length;
    if (left > 0) this.#notes.push(`${counted(left, 'device')} left out; --preserve-owner makes them, as root`);
  }

  #isLeftOut(type: string): boolean {
    return this.#options.ownership === 'mine' && (type === 'character-device' || type === 'block-device');
  }

  #make(path: string, work: (at: string | Buffer) => void): void {
    const [folder, name] = split(path);
    this.#try(path, () => work(this.#folders.at(folder, name)));
  }

  #try(path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (isImgkitError(error)) throw error;
      const shown = `${this.#options.name}/${printable(path)}`;
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (error as NodeJS.ErrnoException).code === 'EISDIR') {
        throw new ImgkitError('file-exists', `${shown}: another name of the image is the same to this file system (upper and lower case, or another spelling of an accent); extract on one that tells them apart, or use imgkit export.`, { file: this.#options.name, entry: path }, { cause: error });
      }
      throw fromSystemError(error, shown, 'extracting it');
    }
  }
}
