// Refuses code that is nested so deeply that swc, which is native code and recurses without a limit, would overflow its stack and take
// the process along. A scan, not a parser: for each bracket that is open it counts what else has nested or chained since
// the last `;`, `,` or end of a line that ends a statement. It may misread a regular expression, never a thousand.
// Measured with an 8 MB stack: swc survives 2,000 nested parentheses, blocks, types or bodiless `if`s and dies at 4,000;
// chains of operators, calls and members die between 8,000 and 60,000.

const deepest = 1000;
const longestChain = 6000;

/** Comments, strings and templates as wholes; then what nests, what nests without a bracket, what ends, and what chains. */
const token =
  /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\[^]|\$(?!\{))*`|(?<opens>[([{])|(?<closes>[)\]}])|(?<ends>[;,\n])|(?<nests>=>|[=:<]|\b(?:if|for|while|do|with|keyof|function|class)\b)|(?<chains>[?!~+\-*/%&|^.`]|\b(?:new|typeof|void|await|yield|else)\b)/g;
/** What begins a line that goes on with the statement of the line before, and what ends a line that does. */
const goesOn = /^(?:[=?:+\-*/%&|^<.)\]}]|else\b)/;
const wantsMore = /^(?:if|for|while|else|do|with|=>|[=:<?+\-*/%&|^(,])$/;

interface Level {
  nested: number;
  chained: number;
  /** Brackets after `if`, `for`, `while`, `with`: a statement follows. */
  head: boolean;
}

/** The offset at which it becomes too deep, or `null`. */
export function tooDeepAt(source: string): number | null {
  // Shorter code cannot reach a limit.
  if (source.length < deepest) return null;
  let level: Level = { nested: 0, chained: 0, head: false };
  const outer: Level[] = [];
  let depth = 0;
  let chain = 0;
  let previous = "";
  let end = 0;
  for (const match of source.matchAll(token)) {
    const { opens, closes, ends, nests, chains } = match.groups ?? {};
    const [text] = match;
    const { index } = match;
    if (/\S/.test(source.slice(end, index))) previous = "";
    end = index + text.length;
    if (text.startsWith("//") || text.startsWith("/*")) continue;
    if (opens) {
      outer.push(level);
      level = { nested: 0, chained: 0, head: /^(?:if|for|while|with)$/.test(previous) };
      depth++;
      previous = opens;
    } else if (closes && outer.length > 0) {
      previous = level.head ? "if" : closes;
      depth -= level.nested + 1;
      chain -= level.chained - 1;
      level = outer.pop() ?? level;
      level.chained++;
    } else if (ends) {
      const next = source.slice(index + 1, index + 100).trimStart();
      const continues = ends === "\n" ? wantsMore.test(previous) || goesOn.test(next) : next.startsWith("else");
      if (!continues) {
        depth -= level.nested;
        chain -= level.chained;
        level.nested = level.chained = 0;
      }
      if (ends !== "\n") previous = ends;
    } else {
      if (nests) {
        level.nested++;
        depth++;
      } else if (chains || text.startsWith("`")) {
        level.chained++;
        chain++;
      }
      previous = text;
    }
    if (depth > deepest || chain > longestChain) return index;
  }
  return null;
}
