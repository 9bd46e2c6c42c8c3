"""Tests of consolidate.rollup."""
