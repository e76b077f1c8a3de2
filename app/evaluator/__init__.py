"""Who left with what: exact values and the report."""
