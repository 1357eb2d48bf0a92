/* Filters for the findings. Without it the page is a plain list that shows everything. */
(function () {
  "use strict";
  document.documentElement.className = "js";
  var tools = document.getElementById("tools");
  if (!tools) return;
  var box = {};
  ["q", "s", "t", "r", "w"].forEach(function (id) { box[id] = document.getElementById(id); });
  var count = document.getElementById("count");
  var total = count.textContent;
  var clear = document.getElementById("clear");
  var none = document.getElementById("none");
  var files = [].map.call(document.querySelectorAll("details.file"), function (file) {
    return { node: file, open: file.open, name: file.querySelector("summary").textContent.toLowerCase(),
      groups: [].map.call(file.querySelectorAll(".by"), function (group) {
        return { node: group, more: group.querySelector(".more"), title: group.querySelector("h3").textContent.toLowerCase(),
          items: [].map.call(group.querySelectorAll("li"), function (item) { return { node: item, text: null }; }) };
      }) };
  });

  function wanted() {
    return { q: box.q.value.trim().toLowerCase(), s: box.s.value, t: box.t.value, r: box.r.value, w: box.w.value };
  }

  function matches(item, want, around) {
    var data = item.node.dataset;
    if (want.s && data.s !== want.s) return false;
    if (want.t && data.t !== want.t) return false;
    if (want.w && data.w !== want.w) return false;
    if (want.r && data.r.indexOf(want.r) < 0) return false;
    if (!want.q || around.indexOf(want.q) >= 0) return true;
    if (item.text === null) item.text = item.node.textContent.toLowerCase() + " " + data.t.toLowerCase();
    return item.text.indexOf(want.q) >= 0;
  }

  function apply() {
    var want = wanted();
    var active = Boolean(want.q || want.s || want.t || want.r || want.w);
    var shown = 0;
    files.forEach(function (file) {
      var inFile = 0;
      file.groups.forEach(function (group) {
        var inGroup = 0;
        group.items.forEach(function (item) {
          var hit = !active || matches(item, want, file.name + " " + group.title);
          item.node.hidden = !hit;
          if (hit) inGroup += 1;
        });
        group.node.hidden = inGroup === 0;
        if (group.more) group.more.open = active && inGroup > 0 && inGroup <= 400;
        inFile += inGroup;
      });
      file.node.hidden = inFile === 0;
      file.node.open = active ? shown < 200 : file.open;
      shown += inFile;
    });
    count.textContent = active ? shown.toLocaleString("en") + " of " + total : total;
    clear.hidden = !active;
    none.hidden = shown > 0;
  }

  function pick(type, attacker) {
    tools.reset();
    box.t.value = type;
    box.r.value = attacker;
    apply();
    document.getElementById("findings").scrollIntoView();
  }

  function reveal() {
    var at = location.hash.slice(1);
    var node = at && document.getElementById(at);
    for (var up = node; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    if (node) node.scrollIntoView();
  }

  var timer = 0;
  box.q.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(apply, 120); });
  tools.addEventListener("change", apply);
  tools.addEventListener("reset", function () { setTimeout(apply, 0); });
  tools.addEventListener("submit", function (event) { event.preventDefault(); apply(); });
  document.querySelector(".matrix") && document.querySelector(".matrix").addEventListener("click", function (event) {
    var cell = event.target.closest("a.c");
    if (!cell) return;
    event.preventDefault();
    pick(cell.dataset.t, cell.dataset.a);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    box.q.focus();
  });
  var folded = [];
  addEventListener("beforeprint", function () {
    folded = [].filter.call(document.querySelectorAll("details:not([open])"), function (node) { node.open = true; return true; });
  });
  addEventListener("afterprint", function () { folded.forEach(function (node) { node.open = false; }); });
  addEventListener("hashchange", reveal);
  if (location.hash.indexOf("#f-") === 0) reveal();
})();
