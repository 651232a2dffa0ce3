// A box that scrolls sideways has a place in the tab order, so that arrow keys can scroll it.
// pydata-sphinx-theme 0.15.4 does so for code alone, and not for code that is unfolded later.
// Unnecessary when the theme or the browser does it for formulas and tables too.
addEventListener("load", () => {
  const boxes = document.querySelectorAll(
    ".bd-article :is(pre, .pst-scrollable-table-container, div.math, mjx-container, .output, td)");
  const place = (box) => {
    const scrolls = box.scrollWidth > box.clientWidth && box.clientWidth > 0
      && ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
    if (scrolls) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  };
  const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => place(target)));
  boxes.forEach((box) => observer.observe(box));
  // A formula that is typeset grows within its box.
  window.MathJax?.startup?.promise.then(() => boxes.forEach(place));
});
