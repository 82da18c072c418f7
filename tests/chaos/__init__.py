"""Tests of what is not supposed to happen, and does."""
