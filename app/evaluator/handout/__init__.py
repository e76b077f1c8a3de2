"""The after-action report on paper: one set of chapters, written as HTML and as Markdown."""
