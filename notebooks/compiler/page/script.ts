// What a page does where scripts run: copies code, changes between light and dark, opens what is folded for the printer, and draws charts.
// Without it everything is there to be read.

export const SCRIPT = `
"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.querySelector("button.theme");
  const stored = () => { try { return localStorage.getItem("adjoint-theme"); } catch { return null; } };
  if (stored()) root.dataset.theme = stored();
  theme?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("adjoint-theme", root.dataset.theme); } catch { /* a page opened as a file may have no storage */ }
  });
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav.contents details")?.removeAttribute("open");
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code").textContent;
      try { await navigator.clipboard.writeText(code); } catch {
        const area = Object.assign(document.createElement("textarea"), { value: code });
        document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("main details:not([open])")) { details.open = true; details.dataset.closed = ""; }
  });
  addEventListener("afterprint", () => {
    for (const details of document.querySelectorAll("details[data-closed]")) { details.open = false; delete details.dataset.closed; }
  });
  const ink = "currentColor";
  const lines = { domainColor: ink, tickColor: ink, gridColor: ink, gridOpacity: 0.2, labelColor: ink, titleColor: ink };
  const INK = {
    background: "transparent", title: { color: ink, subtitleColor: ink }, axis: lines, legend: { labelColor: ink, titleColor: ink },
    header: { labelColor: ink, titleColor: ink }, style: { "guide-label": { fill: ink }, "guide-title": { fill: ink }, cell: { stroke: "#88888866" } },
    text: { fill: ink }, rule: { stroke: ink },
  };
  const draw = async (figure) => {
    const holder = document.createElement("div");
    try {
      const text = document.getElementById("adjoint-chart-" + figure.dataset.chart).textContent;
      const spec = JSON.parse(text);
      // A chart that names no ground stands on the page's, in the page's colour of text: both follow the theme without drawing anew.
      const ground = spec.background ?? spec.config?.background ?? "transparent";
      const config = ground === "transparent" ? INK : {};
      const compiled = /vega-lite/.test(spec.$schema ?? "") || !spec.marks ? vegaLite.compile(spec, { config }).spec : spec;
      await new vega.View(vega.parse(compiled, config), { renderer: "svg", container: holder, hover: true }).runAsync();
      figure.classList.toggle("clear", ground === "transparent");
      const alt = figure.querySelector("img")?.alt;
      holder.querySelector("svg")?.setAttribute("aria-label", alt || "chart");
      figure.replaceChildren(holder);
    } catch (error) { console.warn("the chart stays a picture:", error); }
  };
  if (typeof vega === "object") {
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) { seen.unobserve(target); void draw(target); }
    }, { rootMargin: "300px" });
    for (const figure of document.querySelectorAll("figure[data-chart]")) seen.observe(figure);
  }
})();
`;
