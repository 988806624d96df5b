// The mark on a certificate leads here with its code after the #, which no server sees: put it into the field.
"use strict";
const code = decodeURIComponent(location.hash.slice(1));
const field = document.querySelector("[data-from-address]");
if (field && code.startsWith("CSC1.") && !field.value) field.value = code;
