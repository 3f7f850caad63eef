package handlers

// apiPrefix begins every address of the API.
const apiPrefix = "/api/v1"
