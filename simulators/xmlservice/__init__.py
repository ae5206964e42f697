"""The XMLSERVICE protocol over HTTP: documents in, documents out, over a simulated system."""
