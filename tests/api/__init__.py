"""Tests of the Podero client."""
