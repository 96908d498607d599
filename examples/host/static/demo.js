// Sends the answer on its way. Without scripts the button does.
document.getElementById("send").submit();
