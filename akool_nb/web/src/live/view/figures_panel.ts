// The statistics as a small table.
import { h } from "../../ui/dom.ts";
import { FIGURES, text } from "../../texts/live_view.ts";
import type { Part, Scene } from "./part.ts";
import type { Figures } from "../transports/transport.ts";

export function figuresPanel({ call }: Scene): Part {
  const values = FIGURES.map(() => h("dd", {}, "–"));
  const rows = FIGURES.map(([, name], index) => h("div", {}, h("dt", {}, name), values[index]));
  const element = h("dl", { class: "ak-figures", hidden: true, "aria-label": text.statistics }, ...rows);
  const look = () =>
    FIGURES.forEach(([key, , unit], index) => {
      (values[index] as HTMLElement).textContent = written(call.figures, key, unit);
    });
  return { element, look };
}

function written(figures: Figures | null, key: string, unit: string): string {
  if (!figures) return "–";
  if (key === "size") return figures.width ? `${figures.width}×${figures.height}` : "–";
  const value = figures[key as keyof Figures];
  return value === null ? "–" : `${Math.round(value)} ${unit}`;
}
