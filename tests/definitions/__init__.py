"""Tests of consolidate.definitions."""
