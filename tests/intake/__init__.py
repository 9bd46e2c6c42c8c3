"""Tests of consolidate.intake."""
