"""The HTTP side of the contract: routes, parameters, forms, checks of requests and responses."""
