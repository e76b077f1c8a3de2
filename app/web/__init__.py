"""The service: HTTP, the websocket and the page."""
