"""How the talks run: pure rules of procedure and the one shell around them."""
