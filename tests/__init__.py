"""Tests of the Podero integration and of its simulator."""
