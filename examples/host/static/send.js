// Sends the form of a page that only passes something on. Without scripts, its button does.
document.querySelector("form[data-auto]")?.submit();
