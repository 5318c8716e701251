// How a page looks: light, dark, printed, on a phone. Colours are variables, in both schemes of a contrast of at least 4.5 to 1.

const LIGHT = `
  --text: #1f2328; --muted: #57606a; --ground: #ffffff; --raised: #f6f8fa; --line: #d0d7de; --link: #0550ae; --mark: #fff3b0;
  --holds: #116329; --refuted: #a40e26; --open: #57606a; --keyword: #a0111f; --string: #0a3069; --comment: #57606a;
  --number: #0550ae; --title: #6639ba; --type: #8a3600;`;
const DARK = `
  --text: #e6edf3; --muted: #9da7b3; --ground: #0d1117; --raised: #161b22; --line: #30363d; --link: #79b8ff; --mark: #574500;
  --holds: #56d364; --refuted: #ff8e86; --open: #9da7b3; --keyword: #ff8e86; --string: #a5d6ff; --comment: #9da7b3;
  --number: #79c0ff; --title: #d2a8ff; --type: #ffa657;`;

export const STYLE = `
:root { color-scheme: light; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; ${DARK} } }
:root[data-theme="dark"] { color-scheme: dark; ${DARK} }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--link); }
a:focus-visible, button:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -10000px; } .skip:focus { position: static; }
.layout { display: grid; grid-template-columns: minmax(12rem, 17rem) minmax(0, 46rem); gap: 3rem; justify-content: center; padding: 0 1.25rem; }
header.page { grid-column: 1 / -1; display: flex; gap: 1rem; justify-content: flex-end; align-items: center; padding-top: .75rem; font-size: .9rem; }
header.page nav { margin-right: auto; }
nav.contents { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow: auto; font-size: .9rem; padding-top: 1rem; }
nav.contents ol { list-style: none; margin: 0; padding: 0; } nav.contents li { margin: .3rem 0; line-height: 1.35; }
nav.contents a { text-decoration: none; } nav.contents a:hover { text-decoration: underline; }
nav.contents .d3 { padding-left: 1rem; } nav.contents .d4 { padding-left: 2rem; } nav.contents .d5, nav.contents .d6 { padding-left: 3rem; }
nav.contents summary { font-weight: 600; cursor: pointer; }
main { min-width: 0; padding-bottom: 4rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; margin: 1rem 0; } h2 { font-size: 1.45rem; margin: 2.2rem 0 .8rem; } h3 { font-size: 1.2rem; margin: 1.8rem 0 .6rem; }
h4, h5, h6 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
img, svg { max-width: 100%; height: auto; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow: auto; font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; margin: .75rem 0; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em; } :not(pre) > code { background: var(--raised); padding: .1em .3em; border-radius: 4px; }
pre code { font-size: inherit; }
table { border-collapse: collapse; display: block; max-width: 100%; overflow: auto; margin: 1rem 0; } th, td { border: 1px solid var(--line); padding: .35rem .7rem; text-align: left; } th { background: var(--raised); }
th[align=right], td[align=right] { text-align: right; } th[align=center], td[align=center] { text-align: center; }
blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: 4px solid var(--line); color: inherit; }
blockquote:has(> p > .callout), details[class*=callout] { border-left: 4px solid var(--link); background: var(--raised); border-radius: 0 6px 6px 0; padding: .25rem 1rem; margin: 1rem 0; }
blockquote:has(> p > .callout-warning), blockquote:has(> p > .callout-caution), blockquote:has(> p > .callout-danger), details.callout-warning, details.callout-danger { border-color: var(--refuted); }
blockquote:has(> p > .callout-tip), details.callout-tip { border-color: var(--holds); }
mark { background: var(--mark); color: inherit; padding: 0 .1em; }
hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
summary { cursor: pointer; } .code > summary { color: var(--muted); font-size: .8rem; } .outputs + .code > summary { width: fit-content; margin-left: auto; }
.formula-display { display: block; overflow-x: auto; overflow-y: hidden; margin: 1rem 0; position: relative; }
.katex { font-size: 1.1em; } .katex-display { margin: .25rem 0; }
.tex-error { color: var(--refuted); }
.verdict { font-size: .8rem; white-space: nowrap; border: 1px solid currentColor; border-radius: 999px; padding: .05rem .55rem; text-decoration: none; color: var(--open); }
.verdict.holds { color: var(--holds); } .verdict.refuted { color: var(--refuted); } .formula-display > .verdict { display: table; margin: 0 0 0 auto; }
.verdict.open { border-style: dashed; }
.formula > .verdict { padding: 0 .35rem; } .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.why { display: block; color: var(--muted); margin: .3rem 0 0 auto; max-width: 38rem; overflow-wrap: break-word; }
.summary { border: 1px solid var(--line); border-radius: 6px; padding: .6rem 1rem; margin: 1rem 0; } .summary ul { margin: .5rem 0; padding-left: 1.2rem; } .summary li { margin: .3rem 0; }
.cell { margin: 1rem 0; } .input { position: relative; } .input pre { padding-right: 4.5rem; }
button { font: inherit; font-size: .8rem; color: var(--text); background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: .15rem .6rem; cursor: pointer; }
.input button { position: absolute; top: .5rem; right: .5rem; }
.outputs { overflow-x: auto; } .outputs pre { background: none; border: 0; padding: .25rem 0; margin: .5rem 0; } pre.stderr { border-left: 3px solid var(--refuted) !important; padding-left: .75rem !important; border-radius: 0; }
pre.error { color: var(--refuted); }
figure.chart { margin: 1rem 0; background: #fff; color: #1f2328; border-radius: 6px; padding: .5rem; overflow-x: auto; } figure.chart.clear { background: none; color: inherit; padding: 0; }
.outputs > img { background: #fff; border-radius: 6px; }
.fold-hint { color: var(--muted); font-size: .9rem; }
.hljs-keyword, .hljs-literal, .hljs-operator { color: var(--keyword); } .hljs-string, .hljs-regexp, .hljs-meta .hljs-string { color: var(--string); }
.hljs-comment, .hljs-doctag { color: var(--comment); font-style: italic; } .hljs-number, .hljs-attr, .hljs-variable.constant_ { color: var(--number); }
.hljs-title, .hljs-title.function_ { color: var(--title); } .hljs-built_in, .hljs-type, .hljs-title.class_ { color: var(--type); }
.ansi-bold { font-weight: 700; } .ansi-red { color: var(--refuted); } .ansi-green { color: var(--holds); } .ansi-yellow { color: var(--type); } .ansi-blue { color: var(--link); }
.ansi-magenta { color: var(--title); } .ansi-cyan { color: var(--number); }
footer { color: var(--muted); font-size: .85rem; border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem; }
@media (max-width: 60rem) { .layout { display: block; } nav.contents { position: static; max-height: none; padding-top: 0; } }
@media print {
  :root, :root[data-theme] { color-scheme: light; ${LIGHT} }
  .layout { display: block; padding: 0; } header.page, nav.contents, button, .skip { display: none !important; }
  body { font-size: 10.5pt; } pre, figure, table, .formula-display { break-inside: avoid; } pre { white-space: pre-wrap; } h1, h2, h3 { break-after: avoid; }
  .outputs, table, .formula-display { overflow: visible; }
}
`;
