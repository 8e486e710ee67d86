"""Reports made at random and damaged in several ways at once: what is read from them is right or null."""
