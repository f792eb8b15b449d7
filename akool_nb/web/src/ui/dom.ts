// Small closures over the DOM: elements in one expression, and a bag for what must end with a view.

type Child = Node | string | null | undefined | false;
type Props = Record<string, unknown>;

/**
 * An element: `on…` props are listeners, `class`/`aria-…`/`data-…` attributes, booleans present or absent. Strings
 * become text, never markup.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

function fill<E extends Element>(element: E, props: Props, children: Child[]): E {
  for (const [name, value] of Object.entries(props)) assign(element, name, value);
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

function assign(element: Element, name: string, value: unknown): void {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
}

/** Whether the focus is in it, also inside a shadow root. */
export function hasFocus(element: Element): boolean {
  return element.contains((element.getRootNode() as Document | ShadowRoot).activeElement);
}

/**
 * What has the focus, through all shadow roots; null where it is lost: nowhere, or in something that is not seen any
 * more.
 */
export function focused(): Element | null {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at !== document.body && at?.getClientRects().length ? at : null;
}

/** Do it. If what has the focus in `frame` vanishes with it, the keyboard goes on from `next`. */
export function keepFocus(frame: Element, act: () => void, next: () => HTMLElement): void {
  const hadFocus = hasFocus(frame);
  act();
  if (hadFocus && !focused()) next().focus();
}

/** Show or hide. A focus inside goes to `next` before it hides, or the browser would forget where the keyboard was. */
export function show(element: HTMLElement, visible: boolean, next?: HTMLElement | null): void {
  if (!visible && next && hasFocus(element)) next.focus();
  element.hidden = !visible;
}

/** What a view or a model has started, ended together and only once. */
export class Bag {
  private ends: (() => void)[] = [];

  add(end: () => void): void {
    this.ends.push(end);
  }

  listen(target: EventTarget, type: string, handler: (event: any) => void, options?: AddEventListenerOptions): void {
    target.addEventListener(type, handler, options);
    this.add(() => target.removeEventListener(type, handler, options));
  }

  empty(): void {
    for (const end of this.ends.splice(0).reverse()) end();
  }
}
