// Figures and how they are shown: a table with one row per quantity and one column per kernel, each field the ratio to the
// first kernel's and the value itself, with footnotes for what a number does not tell.

export interface Figure {
  /** Undefined when it could not be measured; the note says why. */
  value?: number | undefined;
  samples?: number[];
  note?: string | undefined;
}

export interface Row {
  name: string;
  unit: "ms" | "MB";
  figures: Map<string, Figure>;
}

/** The q-quantile: the smallest sample that at least that part of the samples does not exceed. */
export function quantile(samples: readonly number[], q: number): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

export function median(samples: readonly number[]): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

export function show(value: number, unit: Row["unit"]): string {
  return `${value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(value < 1 ? 2 : 3)} ${unit}`;
}

/** The columns are the kernels as `[name, title]`, ours first. */
export function renderTable(rows: readonly Row[], columns: readonly (readonly [string, string])[]): string {
  const notes: string[] = [];
  const mark = (note: string | undefined) => {
    if (note === undefined) return "    ";
    if (!notes.includes(note)) notes.push(note);
    return ` [${notes.indexOf(note) + 1}]`.padEnd(4);
  };
  const first = columns[0]?.[0] ?? "";
  const lines = rows.map(({ name, unit, figures }) => {
    const base = figures.get(first)?.value;
    return [
      name,
      ...columns.map(([kernel]) => {
        const figure = figures.get(kernel);
        if (figure?.value === undefined) return `—${mark(figure?.note ?? "not measured")}`;
        const ratio = base === undefined ? "" : (figure.value / base).toFixed(2);
        return `${ratio.padStart(7)}${show(figure.value, unit).padStart(11)}${mark(figure.note)}`;
      }),
    ];
  });
  const table = [["", ...columns.map(([, title]) => `${title}    `)], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = table.map((line) =>
    line.map((field, column) => (column === 0 ? field.padEnd(widths[0] ?? 0) : field.padStart(widths[column] ?? 0))),
  );
  return [
    ...text.map((line) => line.join("  ").trimEnd()),
    ...(notes.length > 0 ? [""] : []),
    ...notes.map((note, index) => `[${index + 1}] ${note}`),
  ].join("\n");
}

/** The rows in which the first kernel has no figure or another one has a smaller one. */
export function behind(rows: readonly Row[], first: string): string[] {
  return rows
    .filter(({ figures }) => {
      const ours = figures.get(first)?.value;
      const others = [...figures].filter(([name]) => name !== first).map(([, { value }]) => value ?? Infinity);
      return ours === undefined || ours > Math.min(...others);
    })
    .map(({ name }) => name);
}
