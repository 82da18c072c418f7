"""Tests on real databases; scripts/test --databases runs them."""
