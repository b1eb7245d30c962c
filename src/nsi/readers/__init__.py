"""Raw exports to frames: text as it stands in the file, then types and codes as the study declares them."""
