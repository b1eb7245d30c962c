"""Frames in, frames out: agreement, cleaning rules, matrices. No file and no study's word is known here."""
