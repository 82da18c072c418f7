"""Tests of the kinds of devices."""
