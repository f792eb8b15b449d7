import assert from "node:assert/strict";
import { test } from "node:test";
import { rows } from "../src/ui/rows.ts";

/** The part of a list element that a list uses; it records what was inserted and removed. */
class List {
  children: Row[] = [];
  readonly done: string[] = [];

  get firstElementChild(): Row | null {
    return this.children[0] ?? null;
  }

  insertBefore(row: Row, at: Row | null): void {
    this.done.push(`in ${row.name}`);
    this.children.splice(at ? this.children.indexOf(at) : this.children.length, 0, row);
  }
}

class Row {
  constructor(
    readonly name: string,
    private readonly list: List,
  ) {}

  get nextElementSibling(): Row | null {
    return this.list.children[this.list.children.indexOf(this) + 1] ?? null;
  }

  remove(): void {
    this.list.done.push(`out ${this.name}`);
    this.list.children.splice(this.list.children.indexOf(this), 1);
  }
}

function filled() {
  const list = new List();
  const element = (name: string) => new Row(name, list) as unknown as HTMLElement;
  const fill = rows(list as unknown as HTMLElement, element, element("none"));
  /** The shown rows, and the operations that were needed. */
  const show = (...items: string[]) => {
    list.done.length = 0;
    fill(items);
    return [list.children.map(({ name }) => name), [...list.done]];
  };
  return show;
}

test("a row that stays is not touched when others are added or removed", () => {
  const show = filled();
  assert.deepEqual(show("b", "c"), [
    ["b", "c"],
    ["in b", "in c"],
  ]);
  assert.deepEqual(show("a", "b"), [
    ["a", "b"],
    ["out c", "in a"],
  ]);
  assert.deepEqual(show("a", "b"), [["a", "b"], []]);
});

test("an empty list shows a note, and equal rows are all shown", () => {
  const show = filled();
  assert.deepEqual(show(), [["none"], ["in none"]]);
  assert.deepEqual(show("a", "a"), [
    ["a", "a"],
    ["out none", "in a", "in a"],
  ]);
  assert.deepEqual(show(), [["none"], ["out a", "out a", "in none"]]);
});
