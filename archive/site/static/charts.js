// Draws the charts of a page beside their tables. Without this script the tables stand alone.
// Numbers come from the attribute data-chart (archive/site/charts.py); nothing is fetched.
"use strict";
(() => {
  // Told apart by people with any of the common colour deficiencies, and by shape besides.
  const COLOURS = ["#0b5394", "#c8560c", "#279cb9", "#541b12", "#a98770", "#251434"];
  const SHAPES = ["circle", "square", "triangle", "diamond", "star", "wye"];
  const BAR = "#5a8ab5";
  const INK = "#55606a";
  // Pixels a year with its number of reports needs on the axis, and a year alone.
  const WIDE_TICK = 58;
  const TICK = 40;

  const named = (tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // A dashed series is a part of the one before it and has its colour.
  const look = (series) => {
    let at = -1;
    return series.map((one) => {
      if (!one.dashed || at < 0) at += 1;
      return { colour: COLOURS[at % COLOURS.length], shape: SHAPES[at % SHAPES.length], dashed: one.dashed };
    });
  };

  const legend = (chart, looks) => {
    const list = document.createElement("ul");
    list.className = "legend-of-chart";
    list.setAttribute("aria-hidden", "true");
    chart.series.forEach((one, at) => {
      const { colour, shape, dashed } = looks[at];
      const sample = named("svg", { width: 30, height: 14, viewBox: "-15 -7 30 14" });
      sample.append(
        named("line", { x1: -15, x2: 15, stroke: colour, "stroke-width": 2, "stroke-dasharray": dashed ? "5 3" : "none" }),
        named("path", {
          d: outline(shape),
          fill: dashed ? "#fff" : colour,
          stroke: colour,
          "stroke-width": 1.5,
        }),
      );
      const item = document.createElement("li");
      const name = document.createElement("bdi");
      name.textContent = one.name;
      item.append(sample, name);
      list.append(item);
    });
    return list;
  };
  const outline = (shape) =>
    d3.symbol({ circle: d3.symbolCircle, square: d3.symbolSquare, triangle: d3.symbolTriangle,
      diamond: d3.symbolDiamond, star: d3.symbolStar, wye: d3.symbolWye }[shape], 42)();

  const plot = (chart, looks, width) => {
    const format = new Intl.NumberFormat(chart.lang, { maximumFractionDigits: 4 });
    const short = new Intl.NumberFormat(chart.lang, { notation: "compact", maximumFractionDigits: 1 });
    const points = chart.series.flatMap((one, at) =>
      one.values.map((value, i) => ({
        place: chart.places[i],
        value,
        series: at,
        title: [
          one.name,
          `${chart.places[i]}  ${value === null ? "" : format.format(value)} ${chart.unit}`,
          one.bases ? chart.base.replace("{n}", format.format(one.bases[i])) : "",
        ].filter(Boolean).join("\n"),
      })),
    );
    const known = points.filter((point) => point.value !== null);
    const bases = chart.series.length === 1 ? chart.series[0].bases : null;
    const room = (width - 60) / chart.places.length;
    const every = Math.max(1, Math.ceil(TICK / room));
    const ticks = chart.places.filter((_, at) => (chart.places.length - 1 - at) % every === 0);
    const tick = (place) => {
      const base = bases && bases[chart.places.indexOf(place)];
      return base && room >= WIDE_TICK ? `${place}\n${chart.base.replace("{n}", short.format(base))}` : place;
    };
    const low = Math.min(0, ...known.map((point) => point.value));
    const high = Math.max(0, ...known.map((point) => point.value)) || 1;
    const marks = [Plot.gridY({ stroke: "#d8d5cb", strokeOpacity: 1 })];
    if (chart.kind === "bars") {
      marks.push(
        Plot.barY(known, { x: "place", y: "value", fill: BAR, insetLeft: 2, insetRight: 2 }),
        Plot.text(known, {
          x: "place", y: "value", dy: -8, fill: "#1c242b", fontWeight: 600,
          text: (point) => (room >= 50 ? format : short).format(point.value),
        }),
      );
    } else {
      chart.series.forEach((_, at) => {
        const own = points.filter((point) => point.series === at);
        const { colour, shape, dashed } = looks[at];
        marks.push(
          Plot.line(own, {
            x: "place", y: (point) => (point.value === null ? NaN : point.value),
            stroke: colour, strokeWidth: 2, strokeDasharray: dashed ? "5 3" : undefined,
          }),
          Plot.dot(own.filter((point) => point.value !== null), {
            x: "place", y: "value", symbol: shape, r: 4, stroke: colour, strokeWidth: 1.5, fill: dashed ? "#fff" : colour,
          }),
        );
      });
    }
    marks.push(
      Plot.ruleY([0], { stroke: INK }),
      Plot.tip(known, Plot.pointer({ x: "place", y: "value", title: "title", lineWidth: 30, fontSize: 13 })),
    );
    return Plot.plot({
      width,
      height: Math.round(Math.max(230, Math.min(320, width * 0.5))),
      marginLeft: 48, marginRight: 18, marginTop: 22, marginBottom: bases ? 44 : 30,
      style: { fontSize: "12px", fontFamily: "inherit", color: INK, background: "none", overflow: "visible" },
      x: { type: chart.kind === "bars" ? "band" : "point", domain: chart.places, ticks, tickFormat: tick, tickSize: 0,
        label: null, padding: chart.kind === "bars" ? 0.25 : 0.3 },
      y: { domain: [low, high], nice: true, ticks: 5, tickFormat: (value) => short.format(value), tickSize: 0, label: null },
      marks,
    });
  };

  // Bars that lie, one a name; names are long and may take two lines.
  const ranks = (chart, width) => {
    const format = new Intl.NumberFormat(chart.lang, { maximumFractionDigits: 4 });
    const points = chart.places.map((place, at) => ({ place, value: chart.series[0].values[at] }));
    const known = points.filter((point) => point.value !== null);
    const longest = Math.max(...chart.places.map((place) => place.length));
    const names = Math.min(width * 0.4, longest * 13 + 16);
    return Plot.plot({
      width,
      height: 40 * chart.places.length + 50,
      marginLeft: names, marginRight: 60, marginTop: 6, marginBottom: 26,
      style: { fontSize: "12px", fontFamily: "inherit", color: INK, background: "none", overflow: "visible" },
      x: { domain: [Math.min(0, ...known.map((p) => p.value)), Math.max(0, ...known.map((p) => p.value)) || 1],
        nice: true, ticks: 4, tickSize: 0, label: null },
      y: { domain: chart.places, label: null, padding: 0.3 },
      marks: [
        Plot.gridX({ stroke: "#d8d5cb", strokeOpacity: 1 }),
        Plot.axisY({ tickSize: 0, lineWidth: (names - 12) / 12, fill: "#1c242b" }),
        Plot.barX(known, { x: "value", y: "place", fill: BAR }),
        Plot.text(known, { x: "value", y: "place", dx: 6, textAnchor: "start", fill: "#1c242b", fontWeight: 600,
          text: (point) => format.format(point.value) }),
        Plot.ruleX([0], { stroke: INK }),
      ],
    });
  };

  const draw = (figure) => {
    const chart = JSON.parse(figure.dataset.chart);
    const looks = look(chart.series);
    const stage = figure.querySelector(".stage");
    if (chart.series.length > 1) stage.before(legend(chart, looks));
    let drawn = 0;
    const again = () => {
      const width = Math.floor(stage.clientWidth);
      if (!width || width === drawn) return;
      drawn = width;
      const svg = chart.kind === "ranks" ? ranks(chart, width) : plot(chart, looks, width);
      // The table beside it says the same to those who cannot see it.
      svg.setAttribute("aria-hidden", "true");
      stage.replaceChildren(svg);
    };
    stage.hidden = false;
    again();
    new ResizeObserver(again).observe(stage);
    const folded = figure.querySelector("details.folded");
    if (folded) folded.open = false;
  };

  document.querySelectorAll("figure.chart[data-chart]").forEach(draw);
})();
