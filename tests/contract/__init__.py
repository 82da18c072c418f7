"""Payloads that keep the API's contract, and payloads that do not."""
