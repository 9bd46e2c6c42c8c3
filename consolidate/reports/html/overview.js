"use strict";
// Sorts and searches the table of units, and shows the units, file and cell behind a figure.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const said = data.said;
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

  function make(name, words, className) {
    const made = document.createElement(name);
    if (words !== undefined) made.textContent = words;
    if (className) made.className = className;
    return made;
  }

  // Numbers as Vietnamese readers write them; every digit that there is.
  function number(value) {
    const [whole, part] = String(Math.abs(value)).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ".");
    return (value < 0 ? "-" : "") + grouped + (part ? "," + part : "");
  }

  // Letters without diacritics, so that a name is found however it is typed.
  const plain = (words) =>
    words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();

  function key(cell) {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return cell.classList.contains("n") ? null : cell.textContent;
  }

  function compare(one, other, down) {
    if (one === null || other === null) return (one === null) - (other === null);
    const order =
      typeof one === "number" ? one - other : one.localeCompare(other, "vi", { numeric: true });
    return down ? -order : order;
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = make("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const numeric = head.classList.contains("n");
        const now = head.getAttribute("aria-sort");
        const down = now ? now === "ascending" : numeric;
        heads.forEach((item) => item.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [key(row.cells[at]), row]);
        rows.sort((one, other) => compare(one[0], other[0], down));
        body.append(...rows.map((pair) => pair[1]));
      });
    });
  }

  function searched(table) {
    const find = document.getElementById("find");
    const shown = document.getElementById("shown");
    const rows = [...table.tBodies[0].rows].map((row) => [plain(row.cells[0].textContent), row]);
    const search = () => {
      const words = plain(find.value).split(/\s+/).filter(Boolean);
      let count = 0;
      for (const [name, row] of rows) {
        row.hidden = !words.every((word) => name.includes(word));
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = fill(said.shown, { shown: count, all: rows.length });
    };
    find.addEventListener("input", search);
    search();
  }

  function value(answer) {
    if (typeof answer === "number") return number(answer);
    return { "": said.blank, x: "x", "?": said.unread, "!": said.held }[answer] ?? said.none;
  }

  function fileOf(at) {
    const [path, member] = data.files[at];
    const words = member ? path + " › " + member : path;
    if (data.inbox === null) return make("span", words);
    const link = make("a", words);
    link.href = "./" + [...data.inbox.split("/"), ...path.split("/")].map(encodeURIComponent).join("/");
    return link;
  }

  function row(set, figure, at) {
    const made = make("tr");
    const [code, name, level] = data.units[set.units[at]];
    const other = (figure.others ?? {})[at] ?? {};
    const answer = figure.values[at];
    const unit = make("th", name + " ");
    unit.scope = "row";
    unit.append(make("small", code + " · " + level));
    if (at >= set.units.length - set.beside) unit.append(make("small", " · " + said.beside));
    const figures = make("td", value(answer), "n");
    if (typeof answer === "number") figures.dataset.v = answer;
    const file = make("td");
    file.append(fileOf(set.files[at]));
    const cell = figure.cell ? other.cell ?? figure.cell : fill(said.list, { sheet: set.sheet });
    const place = make("td", answer === null ? said.none : cell);
    if (other.raw !== undefined) place.append(make("br"), make("small", fill(said.typed, other)));
    if (other.error) place.append(make("br"), make("small", said.error, "error"));
    made.append(unit, figures, file, place);
    return made;
  }

  const panel = document.getElementById("panel");

  function drill(button) {
    const set = data.sets[button.dataset.set];
    const figure = set.figures[button.dataset.figure];
    const table = make("table");
    const name = figure.name + ". " + figure.label;
    table.append(make("caption", fill(said.caption, { name: figure.name, period: set.period })));
    const head = table.createTHead().insertRow();
    [said.unit, said.value, said.file, said.cell].forEach((title, at) => {
      const cell = make("th", title, at === 1 ? "n" : "");
      cell.scope = "col";
      head.append(cell);
    });
    const body = table.createTBody();
    body.append(...set.units.map((_, at) => row(set, figure, at)));
    sortable(table);
    document.getElementById("panel-title").textContent = name;
    const total = figure.total === null ? said.no_sum : fill(said.sum, { total: number(figure.total) });
    document.getElementById("panel-sum").textContent =
      figure.total === null ? total : total + " " + figure.unit;
    document.getElementById("panel-body").replaceChildren(table);
    panel.showModal();
  }

  const close = document.getElementById("close");
  close.textContent = said.close;
  close.addEventListener("click", () => panel.close());
  for (const button of document.querySelectorAll("button.drill")) {
    button.addEventListener("click", () => drill(button));
  }
  const units = document.getElementById("by-unit");
  sortable(units);
  searched(units);

  // On paper nothing is folded.
  const folded = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.open:not([open])")) {
      part.open = true;
      folded.push(part);
    }
  });
  addEventListener("afterprint", () => {
    for (const part of folded.splice(0)) part.open = false;
  });
})();
