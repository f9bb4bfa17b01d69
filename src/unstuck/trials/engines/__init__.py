"""Where trials run: ``local`` on this machine, ``ray`` on many; ``runner`` is what they share."""
