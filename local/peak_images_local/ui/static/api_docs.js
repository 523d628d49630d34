// Swagger UI on the contract of this service.
"use strict";

const { scheme, token } = document.getElementById("ui").dataset;

window.ui = SwaggerUIBundle({
  url: "images.json",
  dom_id: "#ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
  tryItOutEnabled: true,
  onComplete: () => { if (token) window.ui.preauthorizeApiKey(scheme, token); },
});
