/** A terminal that understands what we send: cursor up, erase to the end of line or screen, cursor shown or not. Wraps as terminals do when they become narrower. */
export class Terminal {
  columns = 80;
  readonly rows = 24;
  readonly isTTY = true;
  readonly writes: string[] = [];
  screen: string[] = ['$ imgkit verify', ''];
  cursor = true;
  #row = 1;

  write(text: string): void {
    this.writes.push(text);
    for (const [, up, rest, below, cursor, end, plain] of text.matchAll(/\u001b\[(\d+)A|(\u001b\[K)|(\u001b\[0J)|\u001b\[\?25([hl])|(\n)|([^\u001b\n\r]+)|\r|\u001b\[\?2026[hl]/g)) {
      if (up !== undefined) this.#row -= Number(up);
      else if (rest !== undefined) continue;
      else if (below !== undefined) this.screen.splice(this.#row, Infinity, '');
      else if (cursor !== undefined) this.cursor = cursor === 'h';
      else if (end !== undefined) {
        this.#row++;
        this.screen[this.#row] ??= '';
      } else if (plain !== undefined) this.screen[this.#row] = plain;
    }
  }

  /** What a terminal makes of its lines when its window becomes narrower. */
  shrink(columns: number): void {
    this.columns = columns;
    this.screen = this.screen.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? ['']);
    this.#row = this.screen.length - 1;
  }

  get text(): string {
    return this.screen.slice(1).join('\n').trimEnd();
  }
}
