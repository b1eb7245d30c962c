"""Frame in, Figure out. No file and no study's word is known here."""
