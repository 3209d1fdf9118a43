
// The page can be read without: the button shows only where it works.
const button = document.getElementById("copy");
if (navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("reference").textContent);
    button.textContent = button.dataset.copied;
  });
}
