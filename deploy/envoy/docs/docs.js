// Shows the merged document. Requests go to the gateway that served this page, so no address is configured.
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  filter: true,
  operationsSorter: "alpha",
  persistAuthorization: true,
  tagsSorter: "alpha",
  validatorUrl: null,
});
