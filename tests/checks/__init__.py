"""Tests of consolidate.checks."""
