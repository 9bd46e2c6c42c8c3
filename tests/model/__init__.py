"""Tests of consolidate.model."""
