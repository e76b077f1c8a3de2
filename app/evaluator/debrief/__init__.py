"""The after-action report as data: fifteen pages computed from a record, no model among them."""
