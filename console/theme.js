// Runs before the style sheet is applied, so that a chosen theme does not flash. The rest of the console is in main.tsx.
try {
  const { theme } = JSON.parse(localStorage.getItem("sentient.console") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is off: the system's theme applies.
}
