"""The integration in a real browser; scripts/e2e runs these tests, and nothing else does."""
