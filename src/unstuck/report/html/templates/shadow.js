/* Every fragment that has none yet gets a shadow root: a notebook may have shown several. */
for (const fragment of document.querySelectorAll(".unstuck-fragment > .unstuck-content")) {
  if (fragment.shadowRoot) continue;
  const root = fragment.attachShadow({ mode: "open" });
  root.append(...fragment.childNodes);
}
