"""Whether answers can be true: held against proofs, against what is known of a chain, and against other servers."""
