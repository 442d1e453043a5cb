"""The service's API: its document, its operations, its errors, and other origins."""
