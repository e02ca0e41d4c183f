// The page is complete without this: it only opens and closes all episodes at once.
for (const button of document.querySelectorAll("button[data-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = button.dataset.open === "yes";
    for (const item of document.querySelectorAll("details.episode")) item.open = open;
  });
}
