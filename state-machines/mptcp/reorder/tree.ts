/** A balanced binary search tree (AVL) over the runs of a queue, so that whoever sends cannot make a segment's place costly to find (the thesis's table 5.1, second form). */
import type { Finder, ReorderCost, Run } from './queue.ts';

interface Node {
  run: Run;
  left: Node | undefined;
  right: Node | undefined;
  height: number;
}

const heightOf = (node: Node | undefined): number => node?.height ?? 0;

const measure = (node: Node): void => {
  node.height = 1 + Math.max(heightOf(node.left), heightOf(node.right));
};

/** Turns a subtree so that its left child is on top. */
const turnRight = (node: Node, left: Node): Node => {
  node.left = left.right;
  left.right = node;
  measure(node);
  measure(left);
  return left;
};

/** Turns a subtree so that its right child is on top. */
const turnLeft = (node: Node, right: Node): Node => {
  node.right = right.left;
  right.left = node;
  measure(node);
  measure(right);
  return right;
};

/** Makes the heights of a node's subtrees differ by one at most; gives what is on top then. */
const balance = (node: Node): Node => {
  measure(node);
  const { left, right } = node;
  if (left !== undefined && left.height > heightOf(right) + 1) {
    if (left.right !== undefined && left.right.height > heightOf(left.left)) node.left = turnLeft(left, left.right);
    return turnRight(node, node.left ?? left);
  }
  if (right !== undefined && right.height > heightOf(left) + 1) {
    if (right.left !== undefined && right.left.height > heightOf(right.right)) node.right = turnRight(right, right.left);
    return turnLeft(node, node.right ?? right);
  }
  return node;
};

const inserted = (node: Node | undefined, run: Run): Node => {
  if (node === undefined) return { run, left: undefined, right: undefined, height: 1 };
  if (run.start < node.run.start) node.left = inserted(node.left, run);
  else node.right = inserted(node.right, run);
  return balance(node);
};

/** A subtree without its leftmost node. */
const withoutLeast = (node: Node): Node | undefined => {
  if (node.left === undefined) return node.right;
  node.left = withoutLeast(node.left);
  return balance(node);
};

const without = (node: Node | undefined, run: Run): Node | undefined => {
  if (node === undefined) return undefined;
  if (node.run === run) {
    const { left, right } = node;
    if (left === undefined || right === undefined) return left ?? right;
    let least = right;
    while (least.left !== undefined) least = least.left;
    node.run = least.run;
    node.right = withoutLeast(right);
    return balance(node);
  }
  // A run that has been taken begins at its end by now: still below all others.
  if (run.start < node.run.start) node.left = without(node.left, run);
  else node.right = without(node.right, run);
  return balance(node);
};

class Tree implements Finder {
  #root: Node | undefined;

  find(dsn: number, _subflow: number, _head: Run | undefined, _tail: Run | undefined, cost: ReorderCost): Run | undefined {
    let found: Run | undefined;
    for (let node = this.#root; node !== undefined;) {
      cost.visited += 1;
      if (node.run.start <= dsn) {
        found = node.run;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return found;
  }

  added(run: Run): void {
    this.#root = inserted(this.#root, run);
  }

  removed(run: Run): void {
    this.#root = without(this.#root, run);
  }
}

/** Finds by descending. */
export const treeFinder = (): Finder => new Tree();
