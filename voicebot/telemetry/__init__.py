"""Figures for Prometheus and traces for OpenTelemetry. Holds nothing of anybody: kinds, results, counts and seconds only."""
