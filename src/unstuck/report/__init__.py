"""Views of one diagnosis: terminal, page, notebook, JSON document."""
