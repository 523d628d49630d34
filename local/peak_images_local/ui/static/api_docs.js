// Swagger UI on the contract of this service.
"use strict";

document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);

const { scheme, token } = document.getElementById("ui").dataset;

window.ui = SwaggerUIBundle({
  url: "images.json",
  dom_id: "#ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  onComplete: () => { if (token) window.ui.preauthorizeApiKey(scheme, token); },
});
