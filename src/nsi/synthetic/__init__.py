"""Look-alike data, drawn from what a study declares: published facts and stated assumptions."""
